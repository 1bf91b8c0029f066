/* fuzz: looks for faults of a running server, or of a mail client. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/fuzz/client.h"
#include "cli/fuzz/differ.h"
#include "cli/fuzz/lead.h"

static void put_paragraph(FILE *out, const char *text)
{
    options_paragraph(out, "", text);
    fprintf(out, "\n");
}

void fuzz_help(FILE *out)
{
    put_paragraph(
        out,
        "It talks to a server that it does not control (--server), or starts (--exec): dialogues "
        "are "
        "changed command by command, those that are answered in a new way are kept and changed "
        "further (libFuzzer does that), and oracles judge every reply: its grammar, one for each "
        "command, what the session may be (RFC 5321 3.3, 4.1.4; RFC 3030), where a message ends, "
        "whether the server lives, and whether anything crosses STARTTLS (RFC 3207 4.2). What is "
        "wrong is looked at again three times, made small, and "
        "written as a script that maildrill run fails. OUT/campaign.html is the whole of it as a "
        "page, OUT/campaign.json the same for programs.");
    put_paragraph(out,
                  "Several servers (--differential) are told the same; what they do not agree on "
                  "is the finding, and maildrill compare plays it again.");
    put_paragraph(out, "Only this machine is talked to, unless --i-own-this-server is given.");
}

enum exit_code command_fuzz(const struct options *options)
{
    return options->fuzz_client    ? fuzz_client(options)
           : options->differential ? differ_campaign(options)
                                   : lead_campaign(options);
}
