create table a1 (id int primary key); insert into a1 values (1);
