create table t (id int primary key, c char(5), c1 char, vc varchar(3), v varchar, tx text, cc char(5) not null default 'd', n varchar(5) not null default 'x');
insert into t values (1,'ab','x','abc','',E'tab\tnew\nline "q" \\ ä€😀','ab','y'),(2,'',' ','',null,'','','');
