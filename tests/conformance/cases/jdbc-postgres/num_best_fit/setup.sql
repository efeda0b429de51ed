create table t (id int primary key, n1 numeric(1,0), n2 numeric(2,0), n3 numeric(3,0), n4 numeric(4,0), n5 numeric(5,0), n9 numeric(9,0), n10 numeric(10,0), n18 numeric(18,0), n19 numeric(19,0), n38 numeric(38,0), n5_2 numeric(5,2), n18_6 numeric(18,6), n19_4 numeric(19,4), n30_10 numeric(30,10), n3_5 numeric(3,5), n1000_500 numeric(1000,500), dc decimal(10,3), dd decimal, nv numeric);
insert into t values (1,9,99,999,9999,99999,999999999,9999999999,999999999999999999,9999999999999999999,99999999999999999999999999999999999999,999.99,123456789012.123456,999999999999999.9999,12345678901234567890.0123456789,0.00999,1.5,1.5,100.25,100.5),
(2,-9,-99,-999,-9999,-99999,-999999999,-9999999999,-999999999999999999,-9999999999999999999,-1,-0.01,-0.000001,-0.0001,-0.0000000001,-0.00001,-0.1,-1.005,-7,-7),
(3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0),
(4,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null,null);
