create extension hstore; create extension citext; create type pair as (a int, b text);
create table t (id int primary key, ai int[], at text[] not null, h hstore, ct citext, ctn citext not null, tv tsvector, tq tsquery, r int4range, cp pair, ml bit varying[], v text);
insert into t values (1,'{1,2}','{a,b}','a=>1','CaseText','x','a b','a & b','[1,5)',(1,'x'),null,'end'),(2,null,'{}',null,null,'',null,null,null,null,null,null);
