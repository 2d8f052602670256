#include "command.h"
int import_command(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return USAGE;
}
