insert into "Mixed Case" values (2,null,null,null,null,null,null);
