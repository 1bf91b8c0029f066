#include "server/fault.h"

const struct server_fault server_faults[] = {
#define FAULT(constant, name, section, summary) {name, section, summary},
#include "server/fault_rows.h"
#undef FAULT
};

const size_t server_fault_count = FAULT_COUNT;

size_t server_fault_find(struct slice name)
{
    size_t i = 0;
    while (i < FAULT_COUNT && !slice_equal(slice_of_cstr(server_faults[i].name), name))
        i++;
    return i;
}
