#include "imf/calendar.h"
#include "imf/date.h"
#include "imf/quirk.h"
#include "law.h"

#include <stdlib.h>

#define OBS_CFWS IMF_QUIRK_OBS_CFWS
#define TRAILING IMF_QUIRK_TRAILING_TEXT
#define UNCLOSED IMF_QUIRK_UNCLOSED_COMMENT
#define OBS_YEAR IMF_QUIRK_OBS_YEAR
#define OBS_ZONE IMF_QUIRK_OBS_ZONE
#define WEEKDAY  IMF_QUIRK_INVALID_WEEKDAY
#define ZONE     IMF_QUIRK_INVALID_ZONE
#define CLOCK    IMF_QUIRK_TIME_SYNTAX
#define DATE     IMF_QUIRK_DATE_SYNTAX
#define RANGE    IMF_QUIRK_DATE_RANGE

struct row {
    const char *name;
    struct slice in;
    struct parse_result expected;
    struct slice written; /* what imf_date_write makes of it */
    int64_t timestamp;
    uint64_t quirks;
};

#define READ(name, text, written, timestamp, quirks)                                               \
    {                                                                                              \
        name, SLICE_INIT(text), {PARSE_OK, 0, sizeof(text) - 1}, SLICE_INIT(written), timestamp,   \
            quirks                                                                                 \
    }
#define REFUSE(name, text, error, at)                                                              \
    {                                                                                              \
        name, SLICE_INIT(text), {PARSE_ERROR, IMF_DATE_##error, at}, SLICE_INIT(""), 0, 0          \
    }

/* clang-format off */
static const struct row rows[] = {
    READ("RFC 5322 3.3", "Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), 0),
    READ("one digit", "Mon, 8 Jan 2018 14:36:00 +0100", "Mon, 08 Jan 2018 14:36:00 +0100", INT64_C(1515418560), 0),
    READ("padded with a space", "Mon,  5 Oct 2020 19:05:57 +0000", "Mon, 05 Oct 2020 19:05:57 +0000", INT64_C(1601924757), 0),
    READ("white space first", "  Mon, 05 Oct 2020 19:05:57 +0000", "Mon, 05 Oct 2020 19:05:57 +0000", INT64_C(1601924757), 0),
    READ("a comment last", "Mon, 18 Dec 2017 14:36:00 +0100 (CET)", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), 0),
    READ("comments last", "Mon, 18 Dec 2017 14:36:00 +0100 (a (b) \\) c) (d)", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), 0),
    READ("no weekday", "18 Dec 2017 14:36:00 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), 0),
    READ("no seconds", "Thu, 13 Feb 1969 23:32 -0330", "Thu, 13 Feb 1969 23:32:00 -0330", INT64_C(-27723480), 0),
    READ("folded", "Thu,\r\n 13\r\n\tFeb\r\n 1969\r\n 23:32:54\r\n -0330 (Newfoundland Time)", "Thu, 13 Feb 1969 23:32:54 -0330", INT64_C(-27723426), 0),
    READ("folded by LF", "Fri, 21 Nov\n 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), QUIRK_BARE_LF),
    READ("a bare CR", "Fri, 21 Nov\r 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), QUIRK_BARE_CR),
    READ("a line of white space", "Fri, 21 Nov\r\n \r\n 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), IMF_QUIRK_EMPTY_FOLD),
    READ("folds around a comment", "Fri, 21 Nov 1997 09:55:06 -0600\r\n (x)\r\n (y)", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), 0),
    READ("UTF-8 in a comment", "Fri, 21 Nov 1997 09:55:06 -0600 (\xc3\xa9)", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), QUIRK_UTF8),
    READ("no UTF-8 in a comment", "Fri, 21 Nov 1997 09:55:06 -0600 (\xe9)", "Fri, 21 Nov 1997 09:55:06 -0600", INT64_C(880127706), QUIRK_EIGHT_BIT),
    READ("any case", "FRI, 30 nov 2012 02:09:10 +0100", "Fri, 30 Nov 2012 02:09:10 +0100", INT64_C(1354237750), 0),
    READ("nothing behind the comma", "Wed,3 Apr 2002 14:58:26 +0800", "Wed, 03 Apr 2002 14:58:26 +0800", INT64_C(1017817106), 0),
    READ("zone unknown", "Mon, 05 Oct 2020 19:05:57 -0000", "Mon, 05 Oct 2020 19:05:57 -0000", INT64_C(1601924757), 0),
    READ("leap second", "Sat, 31 Dec 2016 23:59:60 +0000", "Sat, 31 Dec 2016 23:59:60 +0000", INT64_C(1483228800), 0),
    READ("leap day", "Tue, 29 Feb 2000 11:22:33 +1100", "Tue, 29 Feb 2000 11:22:33 +1100", INT64_C(951783753), 0),
    READ("largest zone", "Wed, 6 Aug 2014 01:53:48 -9959", "Wed, 06 Aug 2014 01:53:48 -9959", INT64_C(1407649968), 0),
    READ("before 1970", "Wed, 31 Dec 1969 19:36:29 -0500", "Wed, 31 Dec 1969 19:36:29 -0500", INT64_C(2189), 0),
    READ("beyond 32 bits", "Sun, 07 Feb 2106 06:28:16 +0000", "Sun, 07 Feb 2106 06:28:16 +0000", INT64_C(4294967296), 0),
    READ("last of four digits", "Fri, 31 Dec 9999 23:59:59 +0000", "Fri, 31 Dec 9999 23:59:59 +0000", INT64_C(253402300799), 0),
    READ("year of five digits", "Sat, 1 Jan 10000 00:00:00 +0000", "Sat, 01 Jan 10000 00:00:00 +0000", INT64_C(253402300800), 0),
    READ("the first year", "Mon, 1 Jan 1900 00:00:00 +0000", "Mon, 01 Jan 1900 00:00:00 +0000", INT64_C(-2208988800), 0),
    READ("year of 49", "21 Nov 49 09:55:06 +0000", "21 Nov 2049 09:55:06 +0000", INT64_C(2521101306), OBS_YEAR),
    READ("year of 50", "21 Nov 50 09:55:06 +0000", "21 Nov 1950 09:55:06 +0000", INT64_C(-603122694), OBS_YEAR),
    READ("year of three digits", "Fri, 28 May 104 11:01:32 +0100", "Fri, 28 May 2004 11:01:32 +0100", INT64_C(1085738492), OBS_YEAR),
    READ("zones of letters: GMT", "21 Nov 97 09:55:06 GMT", "21 Nov 1997 09:55:06 +0000", INT64_C(880106106), OBS_YEAR | OBS_ZONE),
    READ("zones of letters: UT", "26 Sep 2020 17:36:21 ut", "26 Sep 2020 17:36:21 +0000", INT64_C(1601141781), OBS_ZONE),
    READ("zones of letters: EST", "27 Oct 2002 23:57:07 EST", "27 Oct 2002 23:57:07 -0500", INT64_C(1035781027), OBS_ZONE),
    READ("zones of letters: EDT", "30 Sep 2020 20:32:31 EDT", "30 Sep 2020 20:32:31 -0400", INT64_C(1601512351), OBS_ZONE),
    READ("zones of letters: CST", "21 May 2004 12:36:08 CsT", "21 May 2004 12:36:08 -0600", INT64_C(1085164568), OBS_ZONE),
    READ("zones of letters: CDT", "21 May 2004 12:36:08 CDT", "21 May 2004 12:36:08 -0500", INT64_C(1085160968), OBS_ZONE),
    READ("zones of letters: MST", "21 May 2004 12:36:08 MST", "21 May 2004 12:36:08 -0700", INT64_C(1085168168), OBS_ZONE),
    READ("zones of letters: MDT", "21 May 2004 12:36:08 MDT", "21 May 2004 12:36:08 -0600", INT64_C(1085164568), OBS_ZONE),
    READ("zones of letters: PST", "21 May 2004 12:36:08 PST", "21 May 2004 12:36:08 -0800", INT64_C(1085171768), OBS_ZONE),
    READ("zones of letters: PDT", "30 Sep 2020 17:32:31 PDT", "30 Sep 2020 17:32:31 -0700", INT64_C(1601512351), OBS_ZONE),
    READ("military", "Thu, 10 Jul 1997 14:53:31 A", "Thu, 10 Jul 1997 14:53:31 -0000", INT64_C(868546411), OBS_ZONE),
    READ("military, Zulu", "26 May 2004 15:27:15 z", "26 May 2004 15:27:15 -0000", INT64_C(1085585235), OBS_ZONE),
    READ("comments inside", "Tue, 1 Jul 2003 ((tricky)\r\n comment) 10:52:37 +0200", "Tue, 01 Jul 2003 10:52:37 +0200", INT64_C(1057049557), OBS_CFWS),
    READ("obsolete and glued", "(foo)Fri(bar),28May200407(baz):    \r\n (bar)11\r\n\t:\t32(baz)+0100", "Fri, 28 May 2004 07:11:32 +0100", INT64_C(1085724692), OBS_CFWS),
    READ("white space around colons", "Tue, 1 May 2007 09:41(() )():(() )()26 -0700", "Tue, 01 May 2007 09:41:26 -0700", INT64_C(1178037686), OBS_CFWS),
    READ("a comma behind white space", "Tue , 1 May 2007 09:41:26 -0700", "Tue, 01 May 2007 09:41:26 -0700", INT64_C(1178037686), OBS_CFWS),
    READ("comment before a zone's name", "1 May 2007 09:41:26 (x) GMT", "01 May 2007 09:41:26 +0000", INT64_C(1178012486), OBS_CFWS | OBS_ZONE),
    READ("weekday that is none", "Fry, 18 Dec 17 14:36:00 +0100 GMT", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), TRAILING | OBS_YEAR | WEEKDAY),
    READ("another date's weekday", "Sun, 18 Dec 2017 14:36:00 +0100", "Sun, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), WEEKDAY),
    READ("weekday spelled out", "Monday, 18 Dec 2017 14:36:00 +0100", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), DATE),
    READ("weekday cut elsewhere", "Thur, 16 Mar 2023 15:33:07 +0400", "Thu, 16 Mar 2023 15:33:07 +0400", INT64_C(1678966387), DATE),
    READ("weekday cut otherwise", "Weds, 26 May 2004 12:16:44 -0600", "Wed, 26 May 2004 12:16:44 -0600", INT64_C(1085595404), DATE),
    READ("weekday of another language", "Mi., 23 Apr. 2025 09:48:37 +0200 (MESZ)", "23 Apr 2025 09:48:37 +0200", INT64_C(1745394517), WEEKDAY | DATE),
    READ("no comma", "Wed 3 Apr 2002 14:58:26 +0800", "Wed, 03 Apr 2002 14:58:26 +0800", INT64_C(1017817106), DATE),
    READ("comma behind the day", "Sat, 10, Dec 2022 09:35:19 +0100", "Sat, 10 Dec 2022 09:35:19 +0100", INT64_C(1670661319), DATE),
    READ("month spelled out", "Tue, 21 April 2015 14:44:51 +0000", "Tue, 21 Apr 2015 14:44:51 +0000", INT64_C(1429627491), DATE),
    READ("Sept", "1 Sept 2015 14:44:51 +0000", "01 Sep 2015 14:44:51 +0000", INT64_C(1441118691), DATE),
    READ("French", "1 juillet 2020 10:00:00 +0200", "01 Jul 2020 10:00:00 +0200", INT64_C(1593590400), DATE),
    READ("French, cut", "fr., 25 nov. 2022 06:27:14 +0100", "25 Nov 2022 06:27:14 +0100", INT64_C(1669354034), WEEKDAY | DATE),
    READ("French with accents", "14 ao\xc3\xbbt 2020 10:00:00 +0200", "14 Aug 2020 10:00:00 +0200", INT64_C(1597392000), DATE | QUIRK_UTF8),
    READ("German", "Do, 10 M\xc3\xa4r 2022 10:00:00 +0100", "10 Mar 2022 10:00:00 +0100", INT64_C(1646902800), WEEKDAY | DATE | QUIRK_UTF8),
    READ("month first", "Sat, Apr 09 2005 06:39:52 -0700", "Sat, 09 Apr 2005 06:39:52 -0700", INT64_C(1113053992), DATE),
    READ("month first, comma", "February 5, 2003 13:47:26 -0800", "05 Feb 2003 13:47:26 -0800", INT64_C(1044481646), DATE),
    READ("ordinal", "18th of December 2017 at 2:36 p.m. +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), CLOCK | DATE),
    READ("dashes", "18-Dec-2017 14:36:00 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), DATE),
    READ("RFC 850", "Friday, 19-Nov-82 16:14:55 EST", "Fri, 19 Nov 1982 16:14:55 -0500", INT64_C(406588495), OBS_YEAR | OBS_ZONE | DATE),
    READ("IMAP", " 5-Oct-2010 03:19:52 +1100", "05 Oct 2010 03:19:52 +1100", INT64_C(1286209192), DATE),
    READ("slashes of a log", "18/Dec/2017:14:36:00 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), DATE),
    READ("quotes", "\"18-Dec-2017 14:36:00 +0100\"", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), TRAILING | DATE),
    READ("asctime", "Mon Dec 18 14:36:00 2017", "Mon, 18 Dec 2017 14:36:00 -0000", INT64_C(1513607760), ZONE | DATE),
    READ("asctime with a zone", "Sat Mar 24 21:23:03 EDT 2007", "Sat, 24 Mar 2007 21:23:03 -0400", INT64_C(1174785783), OBS_ZONE | DATE),
    READ("asctime with a number", "Mon Nov 20 15:12:03 +0000 2017", "Mon, 20 Nov 2017 15:12:03 +0000", INT64_C(1511190723), DATE),
    READ("asctime with dots", "Sat Feb 21 22.38.49 1970", "Sat, 21 Feb 1970 22:38:49 -0000", INT64_C(4487929), ZONE | CLOCK | DATE),
    READ("year first", "2015 May 9 12:00:00 -0400", "09 May 2015 12:00:00 -0400", INT64_C(1431187200), DATE),
    READ("time first", "10:00:00 18-Dec-2017 +0100", "18 Dec 2017 10:00:00 +0100", INT64_C(1513587600), DATE),
    READ("RFC 3339", "2010-11-26T14:22:02+11:00", "26 Nov 2010 14:22:02 +1100", INT64_C(1290741722), ZONE | DATE),
    READ("RFC 3339, Z", "2010-11-26t03:22:02Z", "26 Nov 2010 03:22:02 +0000", INT64_C(1290741722), OBS_ZONE | DATE),
    READ("RFC 3339, fraction", "2010-11-26T14:22:02.123+11:00", "26 Nov 2010 14:22:02 +1100", INT64_C(1290741722), ZONE | CLOCK | DATE),
    READ("ISO 8601 with a space", "2017-12-18 14:36:00 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), DATE),
    READ("ISO 8601, basic", "20101126T032202Z", "26 Nov 2010 03:22:02 +0000", INT64_C(1290741722), OBS_ZONE | CLOCK | DATE),
    READ("digits", "20101126032202", "26 Nov 2010 03:22:02 -0000", INT64_C(1290741722), ZONE | CLOCK | DATE),
    READ("day alone", "20101126", "26 Nov 2010 00:00:00 -0000", INT64_C(1290729600), ZONE | CLOCK | DATE),
    READ("minutes only", "2017-12-18T14:36Z", "18 Dec 2017 14:36:00 +0000", INT64_C(1513607760), OBS_ZONE | DATE),
    READ("year and slashes", "2016/12/30 01:00", "30 Dec 2016 01:00:00 -0000", INT64_C(1483059600), ZONE | DATE),
    READ("year and dots", "2016.12.30 01:00", "30 Dec 2016 01:00:00 -0000", INT64_C(1483059600), ZONE | DATE),
    READ("dots", "18.12.2017 14:36:00 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), DATE),
    READ("dashes and numbers", "17-6-2008 17:10:08", "17 Jun 2008 17:10:08 -0000", INT64_C(1213722608), ZONE | DATE),
    READ("America", "12/25/2017 15:04:00 +0000", "25 Dec 2017 15:04:00 +0000", INT64_C(1514214240), DATE),
    READ("America, ambiguous", "05/06/2017 15:04:00 +0000", "06 May 2017 15:04:00 +0000", INT64_C(1494083040), DATE),
    READ("no America", "25/12/2017 15:04:00 +0000", "25 Dec 2017 15:04:00 +0000", INT64_C(1514214240), DATE),
    READ("no America, dashes", "12-25-2017 15:04:00 +0000", "25 Dec 2017 15:04:00 +0000", INT64_C(1514214240), DATE),
    READ("numbers and spaces", "21 11 06 09:55:06 GMT", "21 Nov 2006 09:55:06 +0000", INT64_C(1164102906), OBS_YEAR | OBS_ZONE | DATE),
    READ("all numbers", "4 8 15 16 23 42", "04 Aug 2015 16:23:42 -0000", INT64_C(1438705422), OBS_YEAR | ZONE | CLOCK | DATE),
    READ("time with dots", "5 Feb 2003 13.47.26 -0800", "05 Feb 2003 13:47:26 -0800", INT64_C(1044481646), CLOCK),
    READ("hour and minute with a dot", "5 Feb 2003 13.47 -0800", "05 Feb 2003 13:47:00 -0800", INT64_C(1044481620), CLOCK),
    READ("hour and minute of French", "18 Dec 2017 14h36 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), CLOCK),
    READ("hour of French", "18 Dec 2017 14H +0100", "18 Dec 2017 14:00:00 +0100", INT64_C(1513602000), CLOCK),
    READ("French before the year", "Mon Dec 18 14h36 2017", "Mon, 18 Dec 2017 14:36:00 -0000", INT64_C(1513607760), ZONE | CLOCK | DATE),
    READ("year of two digits and slashes", "92/01/02 12:01 +0000", "02 Jan 1992 12:01:00 +0000", INT64_C(694353660), OBS_YEAR | DATE),
    READ("year of two digits and dashes", "99-12-31 10:00 +0000", "31 Dec 1999 10:00:00 +0000", INT64_C(946634400), OBS_YEAR | DATE),
    READ("day that no month has", "32/01/2020 12:00 +0000", "32 Jan 2020 12:00:00 +0000", INT64_C(1580558400), DATE | RANGE),
    READ("dash before the time", "1992-1-2-12:01:00 +0000", "02 Jan 1992 12:01:00 +0000", INT64_C(694353660), DATE),
    READ("dash before the zone", "2017-12-18 -0500", "18 Dec 2017 00:00:00 -0500", INT64_C(1513573200), CLOCK | DATE),
    READ("year first and spaces", "1995 01 24T09:08:17", "24 Jan 1995 09:08:17 -0000", INT64_C(790938497), ZONE | DATE),
    READ("year first, then the day", "1995 24 01 09:08:17", "24 Jan 1995 09:08:17 -0000", INT64_C(790938497), ZONE | DATE),
    READ("year first, and a name", "1995 4 Jan 09:08:17", "04 Jan 1995 09:08:17 -0000", INT64_C(789210497), ZONE | DATE),
    READ("colons in the date", "1995:01:24T09:08:17.1823213", "24 Jan 1995 09:08:17 -0000", INT64_C(790938497), ZONE | CLOCK | DATE),
    READ("colons in the date, as cameras write it", "2014:11:21 10:03:24 +0100", "21 Nov 2014 10:03:24 +0100", INT64_C(1416560604), DATE),
    READ("dash and spaces before the time", "Fri, 21 Nov 2014 -  10:03:24 +0100", "Fri, 21 Nov 2014 10:03:24 +0100", INT64_C(1416560604), DATE),
    READ("dash and space before the zone", "Fri, 21 Nov 2014 - 0500", "Fri, 21 Nov 2014 00:00:00 -0500", INT64_C(1416546000), ZONE | CLOCK | DATE),
    READ("Tuesday of French", "Mar, 02 Apr 2014 15:04:13 -0500", "02 Apr 2014 15:04:13 -0500", INT64_C(1396469053), WEEKDAY | DATE),
    READ("Tuesday of French in March", "mar. 4 mars 2014 15:04 +0100", "04 Mar 2014 15:04:00 +0100", INT64_C(1393941840), WEEKDAY | DATE),
    READ("Spanish", "1 de enero de 2018 10:00 +0100", "01 Jan 2018 10:00:00 +0100", INT64_C(1514797200), DATE),
    READ("one digit each", "6 Jun 2004 6:4:6 +0100", "06 Jun 2004 06:04:06 +0100", INT64_C(1086498246), CLOCK),
    READ("no minute", "21 Nov 97 09::06 GMT", "21 Nov 1997 09:00:06 +0000", INT64_C(880102806), OBS_YEAR | OBS_ZONE | CLOCK),
    READ("morning", "Fri, 28 Feb 2025 12:15:00 AM -0500", "Fri, 28 Feb 2025 00:15:00 -0500", INT64_C(1740719700), CLOCK),
    READ("afternoon", "Fri, 28 Feb 2025 11:30:00 PM -0500", "Fri, 28 Feb 2025 23:30:00 -0500", INT64_C(1740803400), CLOCK),
    READ("noon", "Fri, 28 Feb 2025 12:30 pm -0500", "Fri, 28 Feb 2025 12:30:00 -0500", INT64_C(1740763800), CLOCK),
    READ("glued afternoon", "22 Jun 18 03:56:36PM -0500", "22 Jun 2018 15:56:36 -0500", INT64_C(1529700996), OBS_YEAR | CLOCK),
    READ("glued afternoon of one letter", "5 Feb 2003 1:23P GMT", "05 Feb 2003 13:23:00 +0000", INT64_C(1044451380), OBS_ZONE | CLOCK),
    READ("glued midnight of one letter", "5 Feb 2003 12:23a -0500", "05 Feb 2003 00:23:00 -0500", INT64_C(1044422580), CLOCK),
    READ("glued zone of one letter", "5 Feb 2003 13:23:00P", "05 Feb 2003 13:23:00 -0000", INT64_C(1044451380), OBS_ZONE),
    READ("zone of one letter behind a space", "5 Feb 2003 01:23 P", "05 Feb 2003 01:23:00 -0000", INT64_C(1044408180), OBS_ZONE),
    READ("fraction", "Mon, 18 Dec 2017 14:36:00.250 +0100", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), CLOCK),
    READ("fraction with a comma", "Mon, 18 Dec 2017 14:36:00,25 +0100", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), CLOCK),
    READ("four digits", "18 Dec 2017 1436 +0100", "18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), CLOCK),
    READ("hour alone", "Fri, 8 May 2015 12", "Fri, 08 May 2015 12:00:00 -0000", INT64_C(1431086400), ZONE | CLOCK),
    READ("no time", "Fri, 8 May 2015", "Fri, 08 May 2015 00:00:00 -0000", INT64_C(1431043200), ZONE | CLOCK),
    READ("no zone", "Fri, 8 May 2015 12:05:01", "Fri, 08 May 2015 12:05:01 -0000", INT64_C(1431086701), ZONE),
    READ("zone glued", "Wed, 3 Apr 2002 14:58:26+0800", "Wed, 03 Apr 2002 14:58:26 +0800", INT64_C(1017817106), ZONE),
    READ("zone glued, west", "Wed, 3 Apr 2002 14:58:26-0800", "Wed, 03 Apr 2002 14:58:26 -0800", INT64_C(1017874706), ZONE),
    READ("zone with a colon", "Mon, 18 Dec 2017 14:36:00 +01:00", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), ZONE),
    READ("zone without sign", "Tue, 12 Jun 2012 19:22:28 0200", "Tue, 12 Jun 2012 19:22:28 +0200", INT64_C(1339521748), ZONE),
    READ("zone of one digit", "Mon, 18 Dec 2017 14:36:00 +1", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), ZONE),
    READ("zone of two digits", "Mon, 18 Dec 2017 14:36:00 -05", "Mon, 18 Dec 2017 14:36:00 -0500", INT64_C(1513625760), ZONE),
    READ("zone of three digits", "8 Feb 98 00:49:48 -500", "08 Feb 1998 00:49:48 -0500", INT64_C(886916988), OBS_YEAR | ZONE),
    READ("three digits, no sign", "Fri, 8 May 2015 12:05:01 400", "Fri, 08 May 2015 12:05:01 +0400", INT64_C(1431072301), ZONE),
    READ("zone of five digits", "Mon, 17 May 2004 18:32:06 +02120 (MEST)", "Mon, 17 May 2004 18:32:06 +0212", INT64_C(1084810806), ZONE),
    READ("two signs", "Tue, 19 Aug 2003 12:47:46 --0400", "Tue, 19 Aug 2003 12:47:46 -0400", INT64_C(1061311666), ZONE),
    READ("sign and space", "Tue, 19 Aug 2003 12:47:46 - 0400", "Tue, 19 Aug 2003 12:47:46 -0400", INT64_C(1061311666), ZONE),
    READ("80 minutes", "Sat, 31 Aug 2013 20:08:23 +0580", "Sat, 31 Aug 2013 20:08:23 +0620", INT64_C(1377956903), ZONE),
    READ("zone beyond", "1 Jan 2010 12:00 +9999", "01 Jan 2010 12:00:00 -0000", INT64_C(1262347200), ZONE),
    READ("zone far beyond", "Sat, 10 Sep 2022 12:59:19 -1234567890123456789", "Sat, 10 Sep 2022 12:59:19 -0000", INT64_C(1662814759), ZONE),
    READ("GMT and a number", "1 Jun 2004 06:02:22 GMT+0100", "01 Jun 2004 06:02:22 +0100", INT64_C(1086066142), OBS_ZONE | ZONE),
    READ("GMT and a digit", "Wed, 2 Jun 2004 01:40:16 GMT+2", "Wed, 02 Jun 2004 01:40:16 +0200", INT64_C(1086133216), OBS_ZONE | ZONE),
    READ("UT and a number", "14 Sep 2019 00:10:08 UT +0200", "14 Sep 2019 00:10:08 +0200", INT64_C(1568412608), OBS_ZONE | ZONE),
    READ("UTC", "14 Sep 2019 00:10:08 UTC", "14 Sep 2019 00:10:08 +0000", INT64_C(1568419808), ZONE),
    READ("Central Europe", "14 Sep 2019 00:10:08 CEST", "14 Sep 2019 00:10:08 +0200", INT64_C(1568412608), ZONE),
    READ("Japan", "Tue, 9 Jun 92 03:45:24 JST", "Tue, 09 Jun 1992 03:45:24 +0900", INT64_C(708029124), OBS_YEAR | ZONE),
    READ("a dash and a name", "15-Oct-95 03:19:52-Z", "15 Oct 1995 03:19:52 -0000", INT64_C(813727192), OBS_YEAR | OBS_ZONE | ZONE | DATE),
    READ("as Windows says", "Wed, 24 Jul 2019 03:05:23 Pacific Daylight Time", "Wed, 24 Jul 2019 03:05:23 -0700", INT64_C(1563962723), ZONE),
    READ("as Windows says in winter", "Thu, 13 Feb 2020 05:36:50 Eastern Standard Time", "Thu, 13 Feb 2020 05:36:50 -0500", INT64_C(1581590210), ZONE),
    READ("unknown name", "Thu, 10 Jul 1997 14:53:31 ZZZZ", "Thu, 10 Jul 1997 14:53:31 -0000", INT64_C(868546411), ZONE),
    READ("J is no zone", "Thu, 10 Jul 1997 14:53:31 J", "Thu, 10 Jul 1997 14:53:31 -0000", INT64_C(868546411), ZONE),
    READ("unknown name, and a number", "Thu, 10 Jul 1997 14:53:31 XYZ +0200", "Thu, 10 Jul 1997 14:53:31 +0200", INT64_C(868539211), ZONE | DATE),
    READ("unknown name, and two numbers", "Thu, 10 Jul 1997 14:53:31 XYZ +0200 +0300", "Thu, 10 Jul 1997 14:53:31 +0200", INT64_C(868539211), TRAILING | ZONE | DATE),
    READ("name and rest", "Thu, 10 Jul 1997 14:53:31 EST5EDT", "Thu, 10 Jul 1997 14:53:31 -0500", INT64_C(868564411), TRAILING | OBS_ZONE),
    READ("two zones", "Tue, 08 Nov 2022 18:47:20 +0000 14:03:33 +0000", "Tue, 08 Nov 2022 18:47:20 +0000", INT64_C(1667933240), TRAILING),
    READ("a number, then a name", "Sat, 22 May 2004 23:41:27 -0700 EST", "Sat, 22 May 2004 23:41:27 -0700", INT64_C(1085294487), TRAILING),
    READ("other bits", "21 Apr 1998 15:42:04 and other bits", "21 Apr 1998 15:42:04 -0000", INT64_C(893173324), TRAILING | ZONE),
    READ("text behind", "Mon, 18 Dec 2017 14:36:00 +0100; x", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), TRAILING),
    READ("Go prints the clock", "2020-05-07 05:00:55.859878421 +0000 UTC m=+1240939.113482279", "07 May 2020 05:00:55 +0000", INT64_C(1588827655), TRAILING | CLOCK | DATE),
    READ("31 February", "31 Feb 2017 14:36:00 +0100", "31 Feb 2017 14:36:00 +0100", INT64_C(1488548160), RANGE),
    READ("29 February", "29 Feb 1900 14:36:00 +0100", "29 Feb 1900 14:36:00 +0100", INT64_C(-2203842240), RANGE),
    READ("day 0", "0 Jan 2020 00:00:00 +0000", "00 Jan 2020 00:00:00 +0000", INT64_C(1577750400), RANGE),
    READ("day 32", "32 Jan 2020 00:00:00 +0000", "32 Jan 2020 00:00:00 +0000", INT64_C(1580515200), RANGE),
    READ("hour 24", "Sat, 9 May 2015 24:00:00 -0400", "Sat, 09 May 2015 24:00:00 -0400", INT64_C(1431230400), RANGE),
    READ("hour 25", "1 Jan 2020 25:00:00 +0000", "01 Jan 2020 25:00:00 +0000", INT64_C(1577926800), RANGE),
    READ("minute 60", "1 Jan 2020 12:60:00 +0000", "01 Jan 2020 12:60:00 +0000", INT64_C(1577883600), RANGE),
    READ("second 61", "1 Jan 2020 12:00:61 +0000", "01 Jan 2020 12:00:61 +0000", INT64_C(1577880061), RANGE),
    READ("before 1900", "Sun, 31 Dec 1899 23:59:59 +0000", "Sun, 31 Dec 1899 23:59:59 +0000", INT64_C(-2208988801), RANGE),
    READ("year 102", "Mon, 18 Dec 0102 14:36:00 +0100", "Mon, 18 Dec 0102 14:36:00 +0100", INT64_C(-58918011840), RANGE),
    READ("year 0", "1 Jan 0000 00:00:00 +0000", "01 Jan 0000 00:00:00 +0000", INT64_C(-62167219200), RANGE),
    READ("the last year", "1 Jan 999999999 00:00:00 +0000", "01 Jan 999999999 00:00:00 +0000", INT64_C(31556889801244800), 0),
    READ("unclosed comment", "Mon, 18 Dec 2017 14:36:00 +0100 (CET", "Mon, 18 Dec 2017 14:36:00 +0100", INT64_C(1513604160), UNCLOSED),
    READ("inside a Received field", "by 2002:aa7:cd10:: with SMTP id b16;\r\n\tMon, 10 Oct 2022 10:31:15 -0700 (PDT)", "Mon, 10 Oct 2022 10:31:15 -0700", INT64_C(1665423075), DATE),
    REFUSE("nothing", "", EMPTY, 0),
    REFUSE("white space", " \r\n ", EMPTY, 4),
    REFUSE("only a comment", "(18 Dec 2017)", EMPTY, 13),
    REFUSE("junk", "this is pure junk", BAD_WORD, 5),
    REFUSE("a weekday in a text", "Sunday is the day of our Lord", BAD_WORD, 7),
    REFUSE("a day in a text", "Sat, 8 dogs did while 8 cats hid", BAD_WORD, 7),
    REFUSE("time alone", "1994:11", BAD_NUMBER, 0),
    REFUSE("colons of a month that none is", "1994:13:21 10:00", BAD_NUMBER, 0),
    REFUSE("two months", "Apr, 02 Mar 2014", BAD_WORD, 8),
    REFUSE("three months", "Mar, 02 Mar Apr 2014", BAD_WORD, 12),
    REFUSE("a month in a text", "Sat, 9 May flies bit my arms", BAD_WORD, 11),
    REFUSE("numbers in a text", "some numbers 0 1 2", BAD_WORD, 5),
    REFUSE("no month's name", "13 zzz 2021 09:55:06 +0200", BAD_WORD, 3),
    REFUSE("two months", "13 Jan Feb 2021", BAD_WORD, 7),
    REFUSE("two weekdays", "Mon, Tue, 13 Jan 2021", BAD_WORD, 5),
    REFUSE("no month", "Sat, 18, 2004 22:36:32 -0400", INCOMPLETE, 28),
    REFUSE("no year", "Friday, 19-Nov- 16:14:55 EST", INCOMPLETE, 28),
    REFUSE("no day", "Friday, Nov--82 16:14:55 EST", INCOMPLETE, 28),
    REFUSE("only a time", "14:36:00 +0100", INCOMPLETE, 14),
    REFUSE("only a zone", "-1000", INCOMPLETE, 5),
    REFUSE("only a weekday", "Mon", INCOMPLETE, 3),
    REFUSE("only a weekday and a comma", "Mon,", INCOMPLETE, 4),
    REFUSE("year of one digit", "1 Jan 1 00:00:00 +0000", BAD_NUMBER, 6),
    REFUSE("year of ten digits", "1 Jan 1234567890 00:00:00 +0000", BAD_NUMBER, 6),
    REFUSE("digits", "0100200200300400502989587984579845", BAD_NUMBER, 0),
    REFUSE("month 13", "2017-13-18", BAD_NUMBER, 0),
    REFUSE("month 13, basic", "20171318", BAD_NUMBER, 0),
    REFUSE("month 0", "2017-00-18", BAD_NUMBER, 0),
    REFUSE("month 13 in numbers", "20 13 2017 10:00", BAD_NUMBER, 3),
    REFUSE("two numbers", "12/25 10:00", BAD_NUMBER, 0),
    REFUSE("no minute", "Mon, 18 Dec 2017 14:", BAD_TIME, 20),
    REFUSE("no second", "Mon, 18 Dec 2017 14:36: +0100", BAD_TIME, 24),
    REFUSE("minute of three digits", "Mon, 18 Dec 2017 14:360 +0100", BAD_TIME, 20),
    REFUSE("plus", "18 + Dec 2017", BAD_OCTET, 3),
    REFUSE("a control octet", "18 \001 Dec 2017", BAD_OCTET, 3),
    REFUSE("NUL", "18\000 Dec 2017", BAD_OCTET, 2),
    REFUSE("brackets", "[Mon, 18 Dec 2017]", BAD_OCTET, 0),
    REFUSE("quotes alone", "\042\042", EMPTY, 2),
    REFUSE("a quote inside", "18 \042Dec\042 2017", BAD_OCTET, 3),
    REFUSE("a closing parenthesis", "Mon, 18 Dec) 2017 14:36:00 +0100", BAD_OCTET, 11),
    REFUSE("bad behind a semicolon too", "a; b c", BAD_OCTET, 1),
};
/* clang-format on */

#define EXAMPLE "Mon, 18 Dec 2017 14:36:00 +0100"

static void assert_same_date(const struct imf_date *a, const struct imf_date *b)
{
    assert_int_equal(a->timestamp, b->timestamp);
    assert_int_equal(a->year, b->year);
    assert_int_equal(a->month, b->month);
    assert_int_equal(a->day, b->day);
    assert_int_equal(a->hour, b->hour);
    assert_int_equal(a->minute, b->minute);
    assert_int_equal(a->second, b->second);
    assert_int_equal(a->weekday, b->weekday);
    assert_int_equal(a->zone_minutes, b->zone_minutes);
    assert_int_equal(a->zone_unknown, b->zone_unknown);
}

/** imf_date_parse, which must answer as the grammar does. */
static struct parse_result parse_both(struct slice in, struct imf_date *ret_date)
{
    struct imf_date other = {.quirks = UINT64_MAX};
    struct parse_result result = imf_date_parse(in, ret_date);
    struct parse_result by_grammar = imf_date_read(in, &other);
    if (result.status != by_grammar.status || result.offset != by_grammar.offset ||
        result.error != by_grammar.error)
        fail_msg("\"%.*s\": not what the grammar says", (int)in.len, (const char *)in.ptr);
    if (result.status == PARSE_OK) {
        assert_same_date(ret_date, &other);
        assert_int_equal(ret_date->quirks, other.quirks);
    } else {
        assert_int_equal(other.quirks, UINT64_MAX); /* only success writes */
    }
    return result;
}

static struct parse_result parse(struct slice in, void *context)
{
    const struct row *row = context;
    struct imf_date date = {.quirks = UINT64_MAX}, again;
    struct parse_result result = parse_both(in, &date);
    if (result.status != PARSE_OK) {
        assert_int_equal(date.quirks, UINT64_MAX);
        return result;
    }
    uint8_t buffer[64];
    struct writer out = writer_of(buffer, sizeof buffer);
    imf_date_write(&date, &out);
    assert_int_equal(parse_both(writer_slice(&out), &again).status, PARSE_OK);
    assert_same_date(&date, &again);
    assert_int_equal(again.quirks, date.quirks & RANGE ? again.quirks & (RANGE | WEEKDAY)
                                                       : again.quirks & WEEKDAY);
    if (in.len < row->in.len)
        return result; /* a prefix is another date */
    assert_slice_equal(writer_slice(&out), row->written);
    assert_int_equal(date.timestamp, row->timestamp);
    if (date.quirks != row->quirks)
        fail_msg("%s: quirks %llx, not %llx", row->name, (unsigned long long)date.quirks,
                 (unsigned long long)row->quirks);
    return result;
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        law_check_whole(rows[i].name, parse, (void *)(uintptr_t)&rows[i], rows[i].in,
                        rows[i].expected);
}

/* Every octet of an ordinary date exchanged for every other, one or two at a time in a few places:
 * the short way sees what the grammar sees. */
static void each_octet(void **state)
{
    (void)state;
    static const struct slice examples[] = {
        SLICE_INIT(EXAMPLE),
        SLICE_INIT(" Fri, 1 Mar 1996 00:09:59 -0000"),
        SLICE_INIT("Wed, 13 Dec 2017 14:36:00 +0100"), /* and ten and ten are a Wednesday too */
        SLICE_INIT("Tue, 29 Feb 2000 23:59:60 +1145 (a b)"),
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (size_t at = 0; at < examples[i].len; at++) {
            struct slice copy = law_copy(examples[i]);
            uint8_t *octets = (uint8_t *)(uintptr_t)copy.ptr;
            for (unsigned octet = 0; octet < 256; octet++) {
                struct imf_date date;
                octets[at] = (uint8_t)octet;
                parse_both(copy, &date);
            }
            law_free(copy);
        }
    }
}

static void check_day(int32_t year, unsigned month, unsigned day, int64_t days, unsigned weekday)
{
    assert_int_equal(imf_calendar_days(year, month, day), days);
    assert_int_equal(imf_calendar_weekday(days), weekday);
}

/* RFC 5322 3.3 counts days by the Gregorian calendar: 800 years of them, one by one, through each
 * kind of century. 1970-01-01 was a Thursday, 0001-01-01 a Monday. */
static void calendar(void **state)
{
    (void)state;
    int64_t days = imf_calendar_days(1600, 1, 1);
    unsigned weekday = 6;
    for (int32_t year = 1600; year < 2400; year++) {
        unsigned of_year = 0;
        for (unsigned month = 1; month <= 12; month++) {
            unsigned last = imf_calendar_month_days(year, month);
            of_year += last;
            for (unsigned day = 1; day <= last; day++, days++) {
                check_day(year, month, day, days, weekday);
                weekday = weekday % 7 + 1;
            }
        }
        bool leap = year % 4 == 0 && year != 1700 && year != 1800 && year != 1900 && year != 2100 &&
                    year != 2200 && year != 2300;
        assert_int_equal(of_year, leap ? 366 : 365);
    }
    check_day(1970, 1, 1, 0, 4);
    check_day(1, 1, 1, -719162, 1);
    check_day(0, 1, 1, -719528, 6);
    check_day(999999999, 12, 31, INT64_C(365241780471),
              imf_calendar_weekday(INT64_C(365241780471)));
}

static void rfc3339(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        const char *written; /* NULL: there is none */
    } cases[] = {
        {SLICE_INIT(EXAMPLE), "2017-12-18T14:36:00+01:00"},
        {SLICE_INIT("1 Jan 2017 00:59:60 -0330"), "2017-01-01T00:59:60-03:30"},
        {SLICE_INIT("1 Jan 2017 00:59 GMT"), "2017-01-01T00:59:00+00:00"},
        {SLICE_INIT("1 Jan 2017 00:59 -0000"), "2017-01-01T00:59:00-00:00"},
        {SLICE_INIT("1 Jan 0099 00:59 +2359"), "0099-01-01T00:59:00+23:59"},
        {SLICE_INIT("1 Jan 2017 00:59 -2400"), NULL},
        {SLICE_INIT("1 Jan 2017 00:59 +2400"), NULL},
        {SLICE_INIT("1 Jan 10000 00:59 +0000"), NULL},
        {SLICE_INIT("29 Feb 2017 00:59 +0000"), NULL},
        {SLICE_INIT("0 Feb 2017 00:59 +0000"), NULL},
        {SLICE_INIT("1 Feb 2017 24:00 +0000"), NULL},
        {SLICE_INIT("1 Feb 2017 00:60 +0000"), NULL},
        {SLICE_INIT("1 Feb 2017 00:00:61 +0000"), NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t buffer[32];
        struct imf_date date;
        struct writer out = writer_of(buffer, sizeof buffer);
        assert_int_equal(parse_both(cases[i].in, &date).status, PARSE_OK);
        assert_int_equal(imf_date_write_rfc3339(&date, &out), cases[i].written != NULL);
        assert_slice_equal(writer_slice(&out),
                           cases[i].written == NULL ? SLICE("") : slice_of_cstr(cases[i].written));
    }
}

/* Hostile input of 1 MiB: work that grows faster than the input would not end in a minute. */
static void hostile(void **state)
{
    (void)state;
    enum { OCTETS = 1 << 20 };
    static const char *const cases[][2] = {
        {"", " "},
        {"", "("},
        {"", "(a)"},
        {"", "()1 "},
        {"", "\\("},
        {"", "\r\n "},
        {"", "1"},
        {"", "1 "},
        {"", "Mon "},
        {"", ","},
        {"18 Dec ", ","},
        {"18 Dec ", "."},
        {"18 ", "of "},
        {"18 ", "-"},
        {"18 Dec 2017 ", "+"},
        {"18 Dec 2017 ", "-"},
        {"18 Dec 2017 14:36 ", "(x)"},
        {"18 Dec 2017 14:36 ", "+ "},
        {"18 Dec 2017 14:36 X ", "(x) "},
        {"18 Dec 2017 14:36 GMT", " "},
        {"18 Dec 2017 14:36:00.", "1"},
        {"18 Dec 2017 14:36 Eastern ", "(x)"},
        {"18 Dec 2017 14 ", "()"},
        {"18 Dec 2017 14", "() :"},
        {"", ";"},
        {"", "18 Dec 2017; "},
        {"a ", "(;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *text = malloc(OCTETS);
        assert_non_null(text);
        size_t first = strlen(cases[i][0]), unit = strlen(cases[i][1]);
        memcpy(text, cases[i][0], first);
        for (size_t at = first; at < OCTETS; at++)
            text[at] = (uint8_t)cases[i][1][(at - first) % unit];
        struct imf_date date;
        struct parse_result result = imf_date_parse(slice_of(text, OCTETS), &date);
        assert_int_not_equal(result.status, PARSE_MORE);
        assert_in_range(result.offset, 0, OCTETS);
        free(text);
    }
}

static void overflow_is_sticky(void **state)
{
    (void)state;
    struct imf_date date;
    assert_int_equal(imf_date_parse(SLICE(EXAMPLE), &date).status, PARSE_OK);
    for (size_t capacity = 0; capacity <= sizeof EXAMPLE - 1; capacity++) {
        uint8_t buffer[sizeof EXAMPLE - 1];
        struct writer out = writer_of(buffer, capacity);
        imf_date_write(&date, &out);
        assert_int_equal(out.overflow, capacity < sizeof EXAMPLE - 1);
    }
}

static void error_texts(void **state)
{
    (void)state;
    assert_null(imf_date_error_text(0));
    assert_null(imf_date_error_text(-1));
    assert_null(imf_date_error_text(IMF_DATE_INCOMPLETE + 1));
    for (int error = IMF_DATE_EMPTY; error <= IMF_DATE_INCOMPLETE; error++)
        assert_non_null(imf_date_error_text(error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(each_octet),
        cmocka_unit_test(calendar),    cmocka_unit_test(rfc3339),
        cmocka_unit_test(hostile),     cmocka_unit_test(overflow_is_sticky),
        cmocka_unit_test(error_texts),
    };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
