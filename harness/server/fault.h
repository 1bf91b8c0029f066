/*
 * fault: the fault switches, each of which breaks one clause. Private to harness/server.
 */
#ifndef MAILDRILL_SERVER_FAULT_H
#define MAILDRILL_SERVER_FAULT_H

#include "server/server.h"

enum fault {
#define FAULT(constant, name, section, summary) FAULT_##constant,
#include "server/fault_rows.h"
#undef FAULT
    FAULT_COUNT
};

#endif
