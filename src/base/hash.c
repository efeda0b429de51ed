#include "base/hash.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

/* ---- CRC-32C: reflected polynomial 0x82f63b78, eight bytes a step in both variants ---- */

static uint32_t slices[8][256];

__attribute__((constructor)) static void fill_slices(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
        slices[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int s = 1; s < 8; s++)
            slices[s][i] = (slices[s - 1][i] >> 8) ^ slices[0][slices[s - 1][i] & 0xff];
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t crc32c_portable(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;
    crc = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint32_t a = load32(p) ^ crc, b = load32(p + 4);
        crc = slices[7][a & 0xff] ^ slices[6][a >> 8 & 0xff] ^ slices[5][a >> 16 & 0xff] ^ slices[4][a >> 24] ^
              slices[3][b & 0xff] ^ slices[2][b >> 8 & 0xff] ^ slices[1][b >> 16 & 0xff] ^ slices[0][b >> 24];
    }
    for (; len; p++, len--)
        crc = crc >> 8 ^ slices[0][(crc ^ *p) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_hardware(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;
    uint64_t c = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        c = _mm_crc32_u64(c, word);
    }
    for (; len; p++, len--)
        c = _mm_crc32_u8((uint32_t)c, *p);
    return ~(uint32_t)c;
}

static int has_hardware(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") ? 1 : 0;
}
#elif defined(__aarch64__)
/* Inline assembly: the intrinsics' spelling of the target attribute differs between gcc and clang. */
static uint32_t crc32c_hardware(uint32_t crc, const void *data, size_t len)
{
    const uint8_t *p = data;
    crc = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
    }
    for (; len; p++, len--)
        __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"((uint32_t)*p));
    return ~crc;
}

static int has_hardware(void)
{
    enum { CAPABILITY_CRC32 = 1 << 7 };
    return (getauxval(AT_HWCAP) & CAPABILITY_CRC32) != 0;
}
#else
#define crc32c_hardware crc32c_portable

static int has_hardware(void)
{
    return 0;
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    static atomic_int hardware = -1;
    int use = atomic_load_explicit(&hardware, memory_order_relaxed);
    if (use < 0) {
        use = has_hardware();
        atomic_store_explicit(&hardware, use, memory_order_relaxed);
    }
    return use ? crc32c_hardware(crc, data, len) : crc32c_portable(crc, data, len);
}

/* ---- murmur2 ---- */

uint32_t murmur2(const void *data, size_t len)
{
    const uint32_t m = 0x5bd1e995u;
    const uint8_t *p = data;
    uint32_t h = 0x9747b28cu ^ (uint32_t)len;
    for (; len >= 4; p += 4, len -= 4) {
        uint32_t k = load32(p) * m;
        k ^= k >> 24;
        h = h * m ^ k * m;
    }
    switch (len) {
    case 3:
        h ^= (uint32_t)p[2] << 16;
        __attribute__((fallthrough));
    case 2:
        h ^= (uint32_t)p[1] << 8;
        __attribute__((fallthrough));
    case 1:
        h = (h ^ p[0]) * m;
    }
    h ^= h >> 13;
    h *= m;
    return h ^ h >> 15;
}
