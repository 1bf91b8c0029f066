/*
 * Which steps are played, and how often.
 *
 *   if     = "%if" condition  *line  [ "%else" *line ]  "%end"
 *   repeat = "%repeat" ( count [ "until" condition ] / "until" condition "max" count )
 *            *line "%end"
 *   count  = 1*DIGIT / text with variables, which is a number when it is played
 */
#include "base/octet.h"
#include "script/loader.h"

/* ---- blocks ---- */

static struct script_step *step_at(struct loader *l, size_t index)
{
    return (struct script_step *)l->steps.items + index;
}

/* The next step is where the one of the block goes on. */
static void aim(struct loader *l, const struct loader_block *block)
{
    step_at(l, block->step)->as.flow.target = l->steps.count;
}

static struct loader_block *open_block(struct loader *l, struct slice at, bool repeats)
{
    if (l->block_count == SCRIPT_MAX_DEPTH) {
        loader_error(l, at, "%if and %repeat stand in each other more than 8 times");
        return NULL;
    }
    struct loader_block *block = &l->blocks[l->block_count++];
    *block = (struct loader_block){.at = at, .step = l->steps.count, .repeats = repeats};
    return block;
}

void loader_blocks_end(struct loader *l, size_t count)
{
    if (l->block_count > count)
        l->topic = "branches-and-loops";
    while (l->block_count > count) {
        const struct loader_block *block = &l->blocks[--l->block_count];
        l->repeat_depth = (uint8_t)(l->repeat_depth - block->repeats);
        loader_error(l, block->at, "no %end closes it");
    }
}

/* ---- %if ---- */

void loader_if(struct loader *l, struct slice at, struct slice args)
{
    struct script_condition *condition = script_arena_alloc(l->arena, sizeof *condition);
    if (loader_condition(l, at, &args, condition))
        loader_no_more(l, args);
    open_block(l, at, false);
    loader_step(l, SCRIPT_IF, at.ptr)->as.flow = (struct script_flow){.condition = condition};
}

void loader_else(struct loader *l, struct slice at, struct slice args)
{
    struct loader_block *block =
        l->block_count == l->block_base ? NULL : &l->blocks[l->block_count - 1];
    loader_no_more(l, args);
    if (block == NULL || block->repeats || block->has_else) {
        loader_error(l, at, "no %if stands before it");
        return;
    }
    size_t index = l->steps.count;
    loader_step(l, SCRIPT_ELSE, at.ptr);
    aim(l, block);
    block->step = index;
    block->has_else = true;
}

/* ---- %repeat ---- */

bool loader_open_repeat(struct loader *l, struct slice at, struct script_text count,
                        const struct script_condition *until)
{
    struct loader_block *block = open_block(l, at, true);
    if (block == NULL)
        return false;
    block->depth = l->repeat_depth++;
    block->until = until;
    loader_step(l, SCRIPT_REPEAT, at.ptr)->as.flow =
        (struct script_flow){.count = count, .depth = block->depth};
    return true;
}

static struct script_text read_count(struct loader *l, struct slice at, struct slice word)
{
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < word.len && digits < 9 && octet_is(word.ptr[digits], OCTET_DIGIT); digits++)
        number = number * 10 + word.ptr[digits] - '0';
    bool variable = slice_starts(word, SLICE("${"));
    if (!variable && (digits == 0 || digits < word.len || number > LOADER_MAX_ROUNDS))
        loader_error(l, word.len > 0 ? word : at, "a number of rounds, at most 1000000");
    return loader_text(l, word, 0);
}

/* "${...}" may hold blanks. */
static struct slice take_count(struct slice *rest)
{
    struct slice text = slice_trim(*rest);
    size_t end = slice_starts(text, SLICE("${")) ? slice_find(text, '}') : text.len;
    if (end == text.len)
        return loader_word(rest);
    *rest = slice_from(text, end + 1);
    return slice_sub(text, 0, end + 1);
}

void loader_repeat(struct loader *l, struct slice at, struct slice args)
{
    struct script_condition *until = NULL;
    struct slice rest = args, word = loader_word(&rest);
    bool bounded_after = slice_equal_nocase(word, SLICE("until"));
    struct script_text count = {NULL, 0};
    if (!bounded_after) {
        count = read_count(l, at, take_count(&args));
        rest = args;
        word = loader_word(&rest);
    }
    if (slice_equal_nocase(word, SLICE("until"))) {
        until = script_arena_alloc(l->arena, sizeof *until);
        l->repeat_depth++; /* ${n} is the round that ends */
        bool read = loader_condition(l, at, &rest, until);
        l->repeat_depth--;
        if (!read)
            rest = slice_from(rest, rest.len);
        else if (bounded_after && !slice_equal_nocase(loader_word(&rest), SLICE("max")))
            loader_error(l, at, "a bound is missing: %repeat until reply !250 max 100");
        else if (bounded_after)
            count = read_count(l, at, take_count(&rest));
        loader_no_more(l, rest);
    } else if (word.len > 0) {
        loader_error(l, word, "until and a condition may follow");
    }
    loader_open_repeat(l, at, count, until);
}

/* ---- %end ---- */

void loader_close_block(struct loader *l, struct slice at)
{
    const struct loader_block *block = &l->blocks[--l->block_count];
    if (!block->repeats) {
        aim(l, block);
        loader_step(l, SCRIPT_END, at.ptr);
        return;
    }
    l->repeat_depth--;
    loader_step(l, SCRIPT_AGAIN, at.ptr)->as.flow = (struct script_flow){
        .target = block->step + 1, .condition = block->until, .depth = block->depth};
    aim(l, block);
}

void loader_end(struct loader *l, struct slice at, struct slice args)
{
    loader_no_more(l, args);
    if (l->block_count == l->block_base)
        loader_error(l, at, "no %if or %repeat stands before it");
    else
        loader_close_block(l, at);
}
