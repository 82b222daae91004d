CREATE EXTENSION citext;
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.corp.invalid');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'app', password 'canary-of-the-mapping');
SELECT lo_from_bytea(0, 'canary-of-the-object'::bytea);
CREATE SCHEMA "odd "" schema";
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN mail AS text CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+$');
CREATE TABLE people (
    email mail PRIMARY KEY,
    login citext NOT NULL UNIQUE,
    full_name text NOT NULL CHECK (btrim(full_name) <> ''),
    shout text GENERATED ALWAYS AS (upper(full_name)) STORED,
    badge varchar(9) NOT NULL UNIQUE CHECK (badge ~ '^[A-Z]{2}-[0-9]{6}$'),
    phone text UNIQUE CHECK (phone ~ '^[+][0-9]{7,15}$'),
    work_phone varchar(20),
    boss mail REFERENCES people,
    mood mood NOT NULL DEFAULT 'glad',
    nicknames text[],
    devices uuid[] NOT NULL DEFAULT '{}',
    profile jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(profile) IN ('object', 'array')),
    remarks json,
    photo bytea,
    home point,
    born date,
    seen timestamptz,
    pin char(4) NOT NULL,
    api_token text UNIQUE,
    site text CHECK (site LIKE 'https://%'),
    street varchar(14),
    net cidr,
    host inet UNIQUE,
    tax_no bigint UNIQUE,
    "sub ject" text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX people_name_key ON people (lower(full_name));
INSERT INTO people (email, login, full_name, badge, phone, work_phone, boss, mood, nicknames, devices, profile,
    remarks, photo, home, born, seen, pin, api_token, site, street, net, host, tax_no, "sub ject")
SELECT 'Quentin.Lorimer' || n || '@corp.invalid', 'QLorimer' || n, 'Quentin Lorimer' || n,
    'QL-' || lpad((n * 7919 % 1000000)::text, 6, '0'), '+49301' || lpad(n::text, 6, '0'),
    CASE WHEN n % 2 = 0 THEN '030 / 7654' || lpad(n::text, 3, '0') END,
    CASE WHEN n > 1 THEN 'Quentin.Lorimer' || n / 2 || '@corp.invalid' END,
    CASE n % 2 WHEN 0 THEN 'glad' ELSE 'sad' END::mood,
    CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '{}' ELSE ARRAY['Quentchen' || n, NULL, 'Lorry ' || n] END,
    ARRAY[md5('device' || n)::uuid],
    jsonb_build_object('friend of ' || n, jsonb_build_array('Lorimer''s friend ' || n)),
    json_build_array('said "' || n || '" of Lorimer'), ('Lorimer''s face ' || n)::bytea, point(52.5 + n, 13.4),
    date '1970-01-01' + n * 13, timestamptz '2026-01-01 00:00+00' + n * interval '1 hour', lpad(n::text, 4, '0'),
    encode(sha256(('token' || n)::bytea), 'hex'), 'https://lorimer' || n || '.corp.invalid/', 'Quentinweg ' || n,
    ('10.' || n || '.0.0/16')::cidr, ('10.0.' || n || '.9/24')::inet, 26954371827 + n * 104729, E'tab\there ' || n
FROM generate_series(1, 40) AS n;
CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;
CREATE TRIGGER forbid BEFORE UPDATE OR DELETE ON people FOR EACH ROW EXECUTE FUNCTION forbid();
CREATE RULE ignore AS ON UPDATE TO people DO INSTEAD NOTHING;
CREATE TABLE "odd "" schema"."mail box" (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner mail NOT NULL REFERENCES people ON UPDATE CASCADE,
    login citext REFERENCES people (login),
    "sub ""ject" text
);
INSERT INTO "odd "" schema"."mail box" (owner, login, "sub ""ject")
SELECT email, upper(login::text), 'To Lorimer, ' || badge FROM people;
CREATE TABLE visits (at date NOT NULL, who mail REFERENCES people, country text NOT NULL, ip text, name text)
    PARTITION BY LIST (country);
CREATE TABLE visits_de PARTITION OF visits FOR VALUES IN ('de');
CREATE TABLE visits_else PARTITION OF visits DEFAULT PARTITION BY RANGE (at);
CREATE TABLE visits_else_all PARTITION OF visits_else DEFAULT;
INSERT INTO visits SELECT '2026-01-01', email, CASE WHEN mood = 'glad' THEN 'de' ELSE 'fr' END, host(host), full_name FROM people;
CREATE TABLE staff (desk text) INHERITS (people);
INSERT INTO staff (email, login, full_name, badge, pin, desk)
VALUES ('Stafford@corp.invalid', 'stafford', 'Stafford Hollis', 'SH-000001', '9999', 'Stafford''s desk');
CREATE TABLE logs (line text, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE logs_all PARTITION OF logs DEFAULT;
INSERT INTO logs SELECT 'logged in: ' || full_name, '2026-01-01' FROM people;
CREATE TABLE nothing ();
CREATE VIEW names AS SELECT full_name FROM ONLY people;
CREATE MATERIALIZED VIEW directory AS SELECT full_name, email::text FROM ONLY people;
CREATE UNIQUE INDEX directory_key ON directory (email);
