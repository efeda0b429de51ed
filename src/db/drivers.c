/* The drivers: the one place that names them. */
#include "db/db.h"

extern const struct db_driver postgres_driver;
extern const struct db_driver sqlite_driver;
extern const struct db_driver odbc_driver;
extern const struct db_driver mysql_driver;

const struct db_driver *const db_drivers[] = {&postgres_driver, &mysql_driver, &sqlite_driver, &odbc_driver, NULL};
