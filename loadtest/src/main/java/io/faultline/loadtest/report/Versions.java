// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** Which versions of what made a report. */
final class Versions {
    private static final Properties BUILD = load();

    private Versions() {}

    static JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("faultline", BUILD.getProperty("faultline"));
        json.addProperty("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        json.addProperty(
                "operating_system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        json.addProperty("processors", Runtime.getRuntime().availableProcessors());
        return json;
    }

    /** The version of the chart library, as its place on the class path is named. */
    static String uplot() {
        return BUILD.getProperty("uplot");
    }

    private static Properties load() {
        try (InputStream in = Versions.class.getResourceAsStream("versions.properties")) {
            Properties properties = new Properties();
            properties.load(Objects.requireNonNull(in, "versions.properties"));
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
