/*
 * policy.c - expressions of policies
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 *   aigov.cel(expr, bindings [, declarations])     one expression, its value
 *
 * It reads nothing but its arguments.  What an expression gets wrong is an
 * answer, {"error":...}; what is no expression, bindings or declarations at all
 * is an error.
 */
#include "pg_aigov.h"

/* A JSON argument that may be left out. */
static aigov_span json_argument(FunctionCallInfo fcinfo, int i, bool jsonb)
{
    if (PG_NARGS() <= i || PG_ARGISNULL(i))
        return AIGOV_ABSENT;
    return jsonb ? arg_jsonb(fcinfo, i, "json")
                 : datum_span(PG_GETARG_DATUM(i));
}

static Datum cel(FunctionCallInfo fcinfo, bool jsonb)
{
    aigov_buf *out = &core()->scratch;
    aigov_span expr, bindings, declarations;
    aigov_error err;
    Datum result;

    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    expr = datum_span(PG_GETARG_DATUM(0));
    bindings = json_argument(fcinfo, 1, jsonb);
    declarations = json_argument(fcinfo, 2, jsonb);
    out->n = 0;
    core_try(aigov_cel(core()->ctx, expr, bindings, declarations, out, &err));
    result = span_datum(aigov_buf_span(out));
    core_trim(expr.n + bindings.n + declarations.n);
    return result;
}

PG_FUNCTION_INFO_V1(pg_aigov_cel);

Datum pg_aigov_cel(PG_FUNCTION_ARGS)
{
    return cel(fcinfo, false);
}

PG_FUNCTION_INFO_V1(pg_aigov_cel_jsonb);

Datum pg_aigov_cel_jsonb(PG_FUNCTION_ARGS)
{
    return cel(fcinfo, true);
}
