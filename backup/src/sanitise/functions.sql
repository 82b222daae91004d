-- How a value becomes its pseudonym, in the server: nothing clear crosses the wire.
--
-- Every function is a function of the value and of the key alone. The two halves of the key are
-- the padded blocks of RFC 2104; they are read from a temporary table that COPY has filled, since
-- the server writes statements into its log, and the data of COPY never.

-- HMAC-SHA256. PostgreSQL has sha256() built in; pgcrypto may be absent. Where a digest is used more
-- than once, OFFSET 0 keeps the planner from computing it anew each time.
CREATE FUNCTION pg_temp.mac(kind text, value text, i bytea, o bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(o || sha256(i || convert_to(kind || ':' || value, getdatabaseencoding())))
$$;

CREATE FUNCTION pg_temp.hex(kind text, value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT encode(pg_temp.mac(kind, value, i, o), 'hex') $$;

CREATE FUNCTION pg_temp.number(kind text, value text, i bytea, o bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || left(pg_temp.hex(kind, value, i, o), 15))::bit(60)::bigint
$$;

CREATE FUNCTION pg_temp.token(kind text, value text, digits int, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' || left(pg_temp.hex(kind, value, i, o), digits) $$;

-- Four syllables. Without l, m, n, r and s hardly a name of a person can come of them.
CREATE FUNCTION pg_temp.word(value text, i bytea, o bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    mac bytea := pg_temp.mac('word', lower(value), i, o);
    word text := '';
BEGIN
    FOR n IN 0..3 LOOP
        word := word || substr('bdfgkptvwxz', 1 + get_byte(mac, 2 * n) % 11, 1)
            || substr('aeiou', 1 + get_byte(mac, 2 * n + 1) % 5, 1);
    END LOOP;
    RETURN initcap(word);
END $$;

-- Word by word, so that a given name stays the same beside its family's and alone.
CREATE FUNCTION pg_temp.name(value text, i bytea, o bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    words text[] := regexp_split_to_array(btrim(value, E' \t\r\n'), '\s+');
BEGIN
    FOR n IN 1..cardinality(words) LOOP
        words[n] := pg_temp.word(words[n], i, o);
    END LOOP;
    RETURN array_to_string(words, ' ');
END $$;

CREATE FUNCTION pg_temp.unique_name(value text, size int, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT left(pg_temp.name(value, i, o), size - 13) || ' ' || left(pg_temp.hex('name', value, i, o), 12)
$$;

CREATE FUNCTION pg_temp.email(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.token('email', value, 16, i, o) || '@mail.example' $$;

CREATE FUNCTION pg_temp.url(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'https://' || pg_temp.token('url', value, 16, i, o) || '.example/' $$;

CREATE FUNCTION pg_temp.address(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT 1 + pg_temp.number('address', value, i, o) % 180 || ' ' || pg_temp.word(value, i, o) || ' Street'
$$;

-- 555-0100 to 555-0199 of twenty area codes (NANPA): two thousand numbers that ring nowhere.
CREATE FUNCTION pg_temp.phone(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN value LIKE '+%' THEN '+' ELSE '' END || '1'
        || substr('202206212213214216303305312313314404412415503512602612617702', 1 + 3 * (n / 100 % 20)::int, 3)
        || '55501' || lpad((n % 100)::text, 2, '0')
    FROM (SELECT pg_temp.number('phone', value, i, o) AS n OFFSET 0) AS drawn
$$;

-- Country code 999 is reserved by the ITU and leads nowhere; twelve digits are enough to differ.
CREATE FUNCTION pg_temp.unique_phone(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN value LIKE '+%' THEN '+' ELSE '' END
        || '999' || lpad((pg_temp.number('phone', value, i, o) % 1000000000000)::text, 12, '0')
$$;

-- The documentation networks of RFC 5737.
CREATE FUNCTION pg_temp.ip4(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['192.0.2.', '198.51.100.', '203.0.113.'])[1 + get_byte(mac, 0) % 3]
        || 1 + get_byte(mac, 1) % 254
    FROM (SELECT pg_temp.mac('ip', value, i, o) AS mac OFFSET 0) AS digest
$$;

-- The documentation network of RFC 3849: 96 bits to differ in.
CREATE FUNCTION pg_temp.ip6(value text, i bytea, o bytea) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT '2001:db8:' || regexp_replace(left(pg_temp.hex('ip', value, i, o), 24), '(.{4})(?=.)', '\1:', 'g')
$$;

CREATE FUNCTION pg_temp.inet(value inet, i bytea, o bytea) RETURNS inet
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE family(value)
        WHEN 4 THEN set_masklen(pg_temp.ip4(host(value), i, o)::inet, masklen(value))
        ELSE set_masklen(pg_temp.ip6(host(value), i, o)::inet, masklen(value))
    END
$$;

CREATE FUNCTION pg_temp.unique_inet(value inet, i bytea, o bytea) RETURNS inet
LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.ip6(value::text, i, o)::inet $$;

CREATE FUNCTION pg_temp.uuid(value text, i bytea, o bytea) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    -- Version 8 of RFC 9562, which is for whatever one likes.
    SELECT overlay(overlay(left(pg_temp.hex('uuid', value, i, o), 32) placing '8' from 13) placing '8' from 17)::uuid
$$;

-- One to 45 days earlier or later.
CREATE FUNCTION pg_temp.days(value text, i bytea, o bytea) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT ((1 + n / 2 % 45) * CASE n % 2 WHEN 0 THEN 1 ELSE -1 END)::int
    FROM (SELECT pg_temp.number('date', value, i, o) AS n OFFSET 0) AS drawn
$$;

CREATE FUNCTION pg_temp.seconds(value text, i bytea, o bytea) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT make_interval(secs => (86400 + n / 2 % (44 * 86400)) * CASE n % 2 WHEN 0 THEN 1 ELSE -1 END)
    FROM (SELECT pg_temp.number('time', value, i, o) AS n OFFSET 0) AS drawn
$$;

-- What is left of a JSON value: what kind of value it was. Keys may be somebody's name too.
CREATE FUNCTION pg_temp.hollow(kind text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind
        WHEN 'object' THEN '{}' WHEN 'array' THEN '[]' WHEN 'string' THEN '"[redacted]"'
        WHEN 'number' THEN '0' WHEN 'boolean' THEN 'false' ELSE 'null'
    END
$$;

-- A code with the look of the old one: digits become digits and letters letters, in place, by a
-- permutation (an alternating Feistel network over the number that the characters are), so that two
-- codes never become one. Longer codes go in blocks, each keyed by what the blocks before it became.
CREATE FUNCTION pg_temp.code(value text, i bytea, o bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    mask text := regexp_replace(regexp_replace(regexp_replace(
        value, '[0-9]', '0', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g');
    old text[] := string_to_array(value, NULL);
    places int[] := '{}';
    block int[];
    half int;
    l bigint; r bigint; a bigint; b bigint;
    done text := '';
BEGIN
    -- A letter that is none of A to Z would stay as it is.
    IF value ~ '[^ -~]' THEN
        RETURN pg_temp.token('code', value, 16, i, o);
    END IF;
    FOR n IN 1..length(value) LOOP
        IF substr(mask, n, 1) IN ('0', 'A', 'a') THEN places := places || n; END IF;
    END LOOP;
    WHILE cardinality(places) > 0 LOOP
        block := places[1:24];
        places := places[25:];
        half := cardinality(block) / 2;
        l := 0; r := 0; a := 1; b := 1;
        FOR n IN 1..cardinality(block) LOOP
            IF n <= half THEN
                l := l * pg_temp.radix(old[block[n]]) + pg_temp.rank(old[block[n]]);
                a := a * pg_temp.radix(old[block[n]]);
            ELSE
                r := r * pg_temp.radix(old[block[n]]) + pg_temp.rank(old[block[n]]);
                b := b * pg_temp.radix(old[block[n]]);
            END IF;
        END LOOP;
        FOR round IN 0..9 LOOP
            IF round % 2 = 0 THEN
                r := (r + pg_temp.number('code', mask || '/' || done || '/' || round || '/' || l, i, o) % b) % b;
            ELSE
                l := (l + pg_temp.number('code', mask || '/' || done || '/' || round || '/' || r, i, o) % a) % a;
            END IF;
        END LOOP;
        FOR n IN REVERSE cardinality(block)..1 LOOP
            a := pg_temp.radix(old[block[n]]);
            IF n <= half THEN
                old[block[n]] := pg_temp.letter((l % a)::int, old[block[n]]);
                l := l / a;
            ELSE
                old[block[n]] := pg_temp.letter((r % a)::int, old[block[n]]);
                r := r / a;
            END IF;
        END LOOP;
        done := array_to_string(old, '');
    END LOOP;
    RETURN array_to_string(old, '');
END $$;

CREATE FUNCTION pg_temp.radix(letter text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN ascii(letter) < 58 THEN 10 ELSE 26 END::bigint $$;

CREATE FUNCTION pg_temp.base(letter text) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN ascii(letter) < 58 THEN 48 WHEN ascii(letter) < 91 THEN 65 ELSE 97 END
$$;

CREATE FUNCTION pg_temp.rank(letter text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT (ascii(letter) - pg_temp.base(letter))::bigint $$;

CREATE FUNCTION pg_temp.letter(rank int, old text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT chr(rank + pg_temp.base(old)) $$;
