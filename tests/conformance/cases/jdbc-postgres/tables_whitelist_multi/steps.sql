insert into s2.b values (3,'b3'); insert into public.a values (2,'a2'); insert into p values (2,'p2'),(12,'p12'); insert into s2.c values (6,60);
