create table t (id int, v text);
insert into t values (-5,'m'),(-1,'n'),(0,'zero'),(null,'null'),(7,'seven');
