/*
 * campaign: what a campaign of maildrill fuzz was like, as a page and as a picture of the states
 * that it saw.
 *
 * A campaign is one JSON object, described by harness/report/campaign-1.schema.json ("schema":
 * "maildrill-campaign-1"). What it lacks, the page leaves out.
 */
#ifndef MAILDRILL_REPORT_CAMPAIGN_H
#define MAILDRILL_REPORT_CAMPAIGN_H

#include <jansson.h>

#include "report/sink.h"

/** Writes the page: it loads nothing, and needs no JavaScript. */
void campaign_page(struct sink sink, const json_t *campaign);

/** Writes the states and what leads from one to the next, as SVG. More states than 30: the rarest
 * are one node. */
void campaign_states(struct sink sink, const json_t *campaign);

#endif
