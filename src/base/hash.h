/* Checksums and hashes whose values are defined elsewhere, so they may be stored. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli), as Kafka's record batches use it; hardware where the CPU has it.
 * Chainable: crc32c(crc32c(0, a), b) is the checksum of a followed by b. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t len); /* the same without the hardware's help */

/* Kafka's murmur2 over a key: partition = (murmur2(key) & 0x7fffffff) % partitions
 * (org.apache.kafka.common.utils.Utils). */
uint32_t murmur2(const void *data, size_t len);

#endif
