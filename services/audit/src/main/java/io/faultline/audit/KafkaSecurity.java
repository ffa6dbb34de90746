// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * How a Kafka broker is to be spoken to, out of a file such as Kafka's own tools take with {@code --command-config}. Only what
 * secures a connection may be in it: how the trail is written is ours to say. Immutable; it may hold secrets, and does not show them.
 */
public final class KafkaSecurity {
    /** In plain text. */
    public static final KafkaSecurity NONE = new KafkaSecurity(Map.of());

    private static final String EXPECTED = CommonClientConfigs.SECURITY_PROTOCOL_CONFIG + ", ssl.* and sasl.*";
    private static final List<String> PREFIXES = List.of("ssl.", "sasl.");

    private final Map<String, Object> settings;

    private KafkaSecurity(Map<String, Object> settings) {
        this.settings = Map.copyOf(settings);
    }

    /**
     * Reads one.
     *
     * @param file a file of Java properties; empty for none
     * @throws KafkaClientFileException if it cannot be read, or holds something else
     */
    public static KafkaSecurity of(String file) {
        if (file.isBlank()) {
            return NONE;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw refused(file, "there is no such file", e);
        } catch (MalformedInputException e) {
            throw refused(file, "it is no text in UTF-8", e);
        } catch (IOException e) {
            throw refused(file, String.valueOf(e.getMessage()), e);
        }
        Map<String, Object> settings = new HashMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (!name.equals(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG)
                    && PREFIXES.stream().noneMatch(name::startsWith)) {
                throw new KafkaClientFileException(
                        "Kafka client file " + file + ": " + name + " (expected: " + EXPECTED + ")", null);
            }
            settings.put(name, properties.getProperty(name));
        }
        return new KafkaSecurity(settings);
    }

    private static KafkaClientFileException refused(String file, String why, IOException cause) {
        return new KafkaClientFileException(
                "Kafka client file " + file + ": " + why + " (expected: properties " + EXPECTED + ")", cause);
    }

    /** A client's settings with these. */
    Map<String, Object> with(Map<String, Object> client) {
        Map<String, Object> all = new HashMap<>(client);
        all.putAll(settings);
        return all;
    }

    @Override
    public String toString() {
        return "KafkaSecurity" + settings.keySet();
    }
}
