/*
 * html.c - a trace as one page for a browser, which fetches nothing: style
 * and script (page.css, page.js) stand in it, and its policy lets those two
 * alone run, whatever else might have come into it. Without the script it
 * can be read all the same. An exchange is a <details>; a hundred of them are
 * in a <div>, so that a browser lays out only those that are seen.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include "decode/private.h"
#include "page.h"
#include "vicc/words.h"

#define GROUP 100        /* exchanges in a <div> */
#define PREVIEW_BYTES 12 /* of the data, in the line that is always seen */

static void
put_head(struct out *out, struct bytes title)
{
    out_raw(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                 "<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\""
                 "default-src 'none'; base-uri 'none'; form-action 'none'; "
                 "style-src '" PAGE_CSS_HASH "'; "
                 "script-src '" PAGE_JS_HASH "'\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, "
                 "initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n"
                 "<title>");
    out_text(out, title);
    out_raw(out, "</title>\n<style>");
    out_raw(out, page_css);
    out_raw(out, "</style>\n</head>\n");
}

static void
html_begin(struct out *out, const struct decode_settings *settings)
{
    struct bytes name = bytes_of(settings->name, strlen(settings->name));

    put_head(out, name);
    out_raw(out, "<body>\n<header>\n<h1>");
    out_text(out, name);
    out_raw(out, "</h1>\n<p>What passed between a reader and a card, command "
                 "by command. ");
    out_raw(out, settings->secrets
                     ? "Secrets are shown as far as the trace has them."
                     : "PINs, keys and decrypted data are hidden: "
                       "<code>**</code>.");
    out_raw(out, "</p>\n<form role=\"search\" id=\"find\" hidden>\n"
                 "<label>Search <input type=\"search\" id=\"text\" "
                 "placeholder=\"words or bytes\" autocomplete=\"off\" "
                 "spellcheck=\"false\"></label>\n"
                 "<label>Command <select id=\"command\">"
                 "<option value=\"\">all</option></select></label>\n"
                 "<label><input type=\"checkbox\" id=\"errors\"> errors only"
                 "</label>\n"
                 "<button type=\"button\" id=\"all\">Open all</button>\n"
                 "<output id=\"count\" role=\"status\"></output>\n"
                 "</form>\n</header>\n<main>\n<section>\n");
}

/* The <div> that is open, if one is. */
static void
close_group(struct out *out)
{
    if (out->open)
        out_raw(out, "</div>\n");
    out->open = false;
    out->told = 0;
}

static void
html_power(struct out *out, unsigned line, enum script_what what)
{
    close_group(out);
    fprintf(out->file,
            "</section>\n<section>\n<h2 id=\"L%u\">%s <small>line "
            "%u</small></h2>\n",
            line, power_words(what), line);
}

static void
html_atr(struct out *out, unsigned line, const struct part *atr)
{
    char words[MEANING_MAX];

    close_group(out);
    fprintf(out->file, "<p class=\"atr\" id=\"L%u\">ATR <code>", line);
    out_pattern(out, atr->pattern, atr->bytes.n);
    out_raw(out, "</code>");
    if (atr->plain)
        out_say(out, " %s", value_of_atr(atr->bytes, words));
    out_raw(out, "</p>\n");
}

static void
html_comment(struct out *out, unsigned line, struct bytes text)
{
    (void)line; /* which may have a command too */
    out_raw(out, "<p class=\"note\">");
    out_text(out, text);
    out_raw(out, "</p>\n");
}

static const char *
class_of(const struct exchange *e)
{
    return e->is_error                             ? "bad"
           : e->sw == 0x9000 || e->sw >> 8 == 0x61 ? "good"
                                                   : "warn";
}

static void
put_summary(struct out *out, const struct exchange *e)
{
    size_t header = e->command.bytes.n;
    size_t preview = e->data.bytes.n;
    char words[64] = "";

    header = header < CAPDU_HEADER ? header : CAPDU_HEADER;
    preview = preview < PREVIEW_BYTES ? preview : PREVIEW_BYTES;
    fprintf(out->file, "<summary><span>%u</span><b>", e->line);
    out_text(out, e->name);
    out_raw(out, "</b><code>");
    out_pattern(out, e->command.pattern, header);
    out_raw(out, preview != 0 ? " " : "");
    out_pattern(out, e->data.pattern, preview);
    out_raw(out, preview < e->data.bytes.n ? "…" : "");
    out_raw(out, "</code><i>");
    if (e->has_sw)
        out_say(out, "%04X%s%s", e->sw,
                words_of_sw(e->sw, words_asked(e->command.bytes), words,
                            sizeof(words))[0] != '\0'
                    ? " "
                    : "",
                words);
    else
        out_raw(out, e->answer_line == 0 ? "no answer" : "no status word");
    out_raw(out, "</i></summary>");
}

static void
html_exchange(struct out *out, const struct exchange *e)
{
    if (out->told % GROUP == 0) {
        close_group(out);
        out_raw(out, "<div>\n");
        out->open = true;
    }
    out->told++;
    fprintf(out->file, "<details id=\"L%u\" class=\"%s\">", e->line,
            class_of(e));
    put_summary(out, e);
    out_raw(out, "<pre>");
    body_put(out, e);
    out_raw(out, "</pre></details>\n");
}

static void
html_end(struct out *out, const struct decode_count *count,
         const struct script_error *error)
{
    close_group(out);
    out_raw(out, "</section>\n</main>\n<footer>\n");
    if (error != NULL) {
        out_raw(out, "<p class=\"bad\">");
        out_say(out, "Unreadable from line %u on: %s", error->line,
                error->text);
        out_raw(out, "</p>\n");
    }
    fprintf(out->file, "<p>Commands: %lu, power-ups and resets: %lu.</p>\n",
            count->commands, count->power_ups);
    out_raw(out, "</footer>\n<script>");
    out_raw(out, page_js);
    out_raw(out, "</script>\n</body>\n</html>\n");
}

const struct form html_form = {
    .kind = OUT_HTML,
    .begin = html_begin,
    .power = html_power,
    .atr = html_atr,
    .comment = html_comment,
    .exchange = html_exchange,
    .end = html_end,
};
