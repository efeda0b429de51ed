insert into t values (3,'late'),(8,'eight'),(null,'again');
