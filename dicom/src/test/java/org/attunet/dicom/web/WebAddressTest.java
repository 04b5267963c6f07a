package org.attunet.dicom.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {
    @Test
    void an_address_is_a_server_a_study_or_a_series() {
        WebAddress series = WebAddress.of("dicomweb+https://host:8443/a/dicom-web/studies/1.2/series/3.4/");
        assertEquals("https://host:8443/a/dicom-web", series.root().toString());
        assertEquals("1.2", series.study());
        assertEquals("3.4", series.series());
        assertEquals("dicomweb+https://host:8443/a/dicom-web/studies/1.2/series/3.4", series.toString());
        assertNull(WebAddress.of("DICOMweb+HTTPS://host/studies/1.2").series());
        assertNull(WebAddress.of("dicomweb+http://host").study());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://host/studies/1.2",
                "dicomweb+ftp://host/studies/1.2",
                "dicomweb+https:///studies/1.2",
                "dicomweb+https://host/studies/1.2?x=y",
                "dicomweb+https://host/studies/../series/1",
                "dicomweb+https://host/studies/1.2/series/",
                "dicomweb+https://host/studies/1.2/series/3/instances/4",
                "dicomweb+https://host/studies/a.b",
                "dicomweb+https://ho st/"
            })
    void other_texts_are_refused(String text) {
        assertThrows(AttunetException.class, () -> WebAddress.of(text));
    }

    @Test
    void passwords_have_no_place_in_addresses_nor_in_messages() {
        String message = assertThrows(
                        AttunetException.class, () -> WebAddress.of("dicomweb+https://me:s3cret@host/studies/1.2"))
                .getMessage();
        assertFalse(message.contains("s3cret"), message);
        assertEquals("credentials", Credentials.of("me:s3cret", "file").toString());
    }

    @ParameterizedTest
    @CsvSource({
        "me:pass:word, Basic bWU6cGFzczp3b3Jk",
        "Basic me:x, Basic bWU6eA==",
        "Bearer abc.def, Bearer abc.def",
        "abc.def, Bearer abc.def"
    })
    void credentials_are_a_token_or_a_user_and_a_password(String text, String header) {
        assertEquals(header, Credentials.of(text, "file").header());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "Basic nothing", "a\u0007:b"})
    void other_texts_are_no_credentials(String text) {
        assertThrows(AttunetException.class, () -> Credentials.of(text, "file"));
    }

    @ParameterizedTest
    @CsvSource({
        "https://host, true",
        "http://host, false",
        "http://127.0.0.1:80, true",
        "http://[::1]:80, true",
        "http://localhost, true",
        "http://127.0.0.1.evil.org, false",
        "http://localhost.evil.org, false"
    })
    void the_way_is_private_if_it_is_encrypted_or_does_not_leave_the_machine(String address, boolean expected) {
        assertEquals(expected, WebAddress.of("dicomweb+" + address).isPrivate());
    }
}
