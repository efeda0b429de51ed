create type mood as enum ('sad','ok','happy'); create domain posint as int check (value>0); create domain price as numeric(8,2); create domain nn as text not null; create domain ts as timestamp; create domain dmood as mood; create domain u as uuid;
create table t (id int primary key, m mood, mn mood not null default 'ok', p posint, pr price, n nn, d ts, dm dmood, uu u);
insert into t values (1,'happy','sad',5,1.5,'x','2020-01-01 00:00:00.5','ok','a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),(2,null,'ok',null,null,'',null,null,null);
