create table "Mixed Case" ("Id" int primary key, "select" text, "a.b" int, "ünï cødé" text, "q""uote" int, "UPPER" int, "$x" int);
insert into "Mixed Case" values (1,'s',2,'u',3,4,5);
