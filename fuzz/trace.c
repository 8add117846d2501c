/*
 * trace.c - fuzzes traces in words: a file from anybody becomes text for a
 * terminal, JSON for a program, and a page for a browser, and must not break
 * out of any of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the vicc authors
 */
#include <errno.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "fuzz.h"

/* Nothing moves the cursor but the end of a line. */
static void
check_text(const char *text, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        assert(((uint8_t)text[i] >= 0x20 && text[i] != 0x7F) ||
               text[i] == '\n');
}

/* Strings end where they should, and brackets match. */
static void
check_json(const char *text, size_t n)
{
    static char open[4096];
    size_t i, depth = 0;
    bool quoted = false;

    for (i = 0; i < n; i++) {
        char c = text[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if (c == '{' || c == '[') {
            assert(depth < sizeof(open));
            open[depth++] = c;
        } else if (c == '}' || c == ']') {
            assert(depth > 0);
            assert(open[--depth] == (c == '}' ? '{' : '['));
        }
    }
    assert(depth == 0 && !quoted);
}

/* What a page is made of, from its body up to its script. */
static bool
is_ours(const char *tag)
{
    static const char *const ours[] = {
        "body>",   "header>", "h1>",      "p>",       "p class=\"",
        "form ",   "label>",  "input ",   "select ",  "option ",
        "button ", "output ", "main>",    "section>", "h2 id=\"L",
        "small>",  "div>",    "details ", "summary>", "span>",
        "b>",      "code>",   "i>",       "pre>",     "footer>",
        "script>", "option>", "select>",  "label>",   "form>",
        "button>", "output>", "details>", "h2>",
    };
    size_t i;

    tag += *tag == '/';
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strncmp(tag, ours[i], strlen(ours[i])) == 0)
            return true;
    return false;
}

static void
check_page(const char *text)
{
    const char *at = strstr(text, "<body>");
    const char *end = strstr(text, "<script>");

    assert(at != NULL && end != NULL);
    for (; at != NULL && at <= end; at = strchr(at + 1, '<'))
        assert(is_ours(at + 1));
}

static int
told(const uint8_t *data, size_t size, enum decode_form form, bool secrets)
{
    struct decode_settings settings = {.name = "<trace>", .secrets = secrets};
    FILE *in = fmemopen((void *)(uintptr_t)data, size, "r");
    struct decode_count count;
    struct script_error error = {0};
    char *text = NULL;
    size_t n = 0;
    int err;

    settings.out = open_memstream(&text, &n);
    assert(in != NULL && settings.out != NULL);
    err = decode_trace(in, form, &settings, &count, &error);
    fclose(settings.out);
    fclose(in);
    assert(err == 0 || (err == -EINVAL && error.line != 0));
    if (form == DECODE_TEXT)
        check_text(text, n);
    else if (form == DECODE_JSON)
        check_json(text, n);
    else if (form == DECODE_HTML)
        check_page(text);
    else
        assert(n == 0);
    free(text);
    return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int err = told(data, size, DECODE_NONE, false);

    assert(told(data, size, DECODE_TEXT, true) == err);
    assert(told(data, size, DECODE_JSON, false) == err);
    assert(told(data, size, DECODE_HTML, true) == err);
    return 0;
}
