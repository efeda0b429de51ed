create table o (id int primary key, cust int, ts timestamp not null, amount numeric(8,2)); create table c (cust int primary key, name text not null);
insert into c values (1,'Ann'),(2,'Bob'); insert into o values (1,1,'2020-01-01',10.5),(2,2,'2020-01-02',20),(3,9,'2020-01-03',null);
