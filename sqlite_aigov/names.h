/*
 * names.h - what a stored table or view must not be called
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * SQLite reads a stored table or view before a table of a module that has the
 * same name.  The module refuses to load beside one, and the command to open.
 */
#ifndef AIGOV_SQLITE_NAMES_H
#define AIGOV_SQLITE_NAMES_H

#define AIGOV_MODULE_TABLES                                                    \
    "'aigov_verify', 'aigov_history', 'aigov_health', 'aigov_findings',"       \
    " 'aigov_detectors', 'aigov_own_rules', 'aigov_redaction_keys', "          \
    "'aigov_inbox', 'aigov_state',"                                            \
    " 'aigov_reproduce', 'aigov_replay', 'aigov_policy_test',"                 \
    " 'aigov_policy_lint', "                                                   \
    "'aigov_downstream', 'aigov_upstream', 'aigov_explain', 'aigov_path',"     \
    " 'aigov_outputs_influenced_by', 'aigov_recipients',"                      \
    " 'aigov_blast_radius', 'aigov_side_effects', 'aigov_erasure_scope',"      \
    " 'aigov_compare', 'aigov_orphans', 'aigov_coverage_of_lineage',"          \
    " 'aigov_lineage_check', 'aigov_lineage_edges', 'aigov_find_node',"        \
    " 'aigov_openlineage'"

#endif
