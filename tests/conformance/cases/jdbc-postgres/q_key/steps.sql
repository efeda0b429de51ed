insert into o values (4,1,'2020-01-04',1);
