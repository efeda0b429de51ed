/*
 * Who may enter: names and passwords for HTTP's basic authentication (RFC 7617). Read from the text that Kafka
 * Connect's and Confluent's property file login takes: a line each, `name=password` or `name: password,role`; roles are
 * not used.
 */
#ifndef HTTP_USERS_H
#define HTTP_USERS_H

#include "base/error.h"
#include "base/str.h"

struct http_users;

/* ERROR_CONFIG names the line (and shows nothing of it). No user at all is an error too. */
int http_users_read(struct str text, struct http_users **ret, struct error *err);
int http_users_read_file(const char *path, struct http_users **ret, struct error *err);
void http_users_free(struct http_users *users); /* NULL is fine */

/* `authorization`: the header's value, "Basic bmFtZTpwYXNzd29yZA==". Takes as long for a wrong password as for the
 * right one. */
bool http_users_admit(const struct http_users *users, struct str authorization);

#endif
