#include "report/buffer.h"

#include <stdlib.h>

void *report_grown(void *array, size_t octets)
{
    void *larger = realloc(array, octets);
    if (larger == NULL)
        abort();
    return larger;
}

void buffer_put(struct buffer *buffer, struct slice octets)
{
    if (octets.len == 0)
        return;
    if (buffer->capacity - buffer->len < octets.len) {
        buffer->capacity = 2 * buffer->capacity + octets.len + 256;
        buffer->ptr = report_grown(buffer->ptr, buffer->capacity);
    }
    memcpy(buffer->ptr + buffer->len, octets.ptr, octets.len);
    buffer->len += octets.len;
}

static void put(void *context, struct slice octets)
{
    buffer_put(context, octets);
}

struct sink buffer_sink(struct buffer *buffer)
{
    return (struct sink){.put = put, .context = buffer};
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->ptr);
    *buffer = (struct buffer){.ptr = NULL};
}
