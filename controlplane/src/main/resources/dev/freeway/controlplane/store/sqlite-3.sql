-- PostgreSQL's third is about its planner.
SELECT 1;
