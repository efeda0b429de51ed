insert into x values (2,'2020-01-02','2020-01-03');
