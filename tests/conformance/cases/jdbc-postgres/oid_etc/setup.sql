create table t (id int primary key, o oid, x xid, c cid, r regclass, nm name, ch "char", ti tid, ls pg_lsn);
insert into t values (1,4294967295,'5','6','pg_class','some name','x','(0,1)','16/B374D848'),(2,0,null,null,null,null,'',null,null);
