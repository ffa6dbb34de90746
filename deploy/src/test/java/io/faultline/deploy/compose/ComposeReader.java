// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.faultline.deploy.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reads a Compose file as Compose does: anchors merged, variables replaced by their defaults, nothing unknown. */
final class ComposeReader {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+):-([^}]*)}");
    private static final ObjectMapper STRICT = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            // A number or true where Compose wants text: quotes are missing.
            .withCoercionConfig(LogicalType.Textual, texts -> {
                texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
            })
            .build();

    private ComposeReader() {}

    /** The repository's file, with no variable set. */
    static ComposeFile repository() {
        try {
            return read(Files.readString(Repository.ROOT.resolve("docker-compose.yml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A file's content.
     *
     * @throws IllegalArgumentException for a key or a type that this project's files do not have, or a key given twice
     */
    static ComposeFile read(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Map<String, Object> tree = new Yaml(new SafeConstructor(options)).load(yaml);
        tree.keySet().removeIf(key -> key.startsWith("x-"));
        return STRICT.convertValue(withDefaults(tree), ComposeFile.class);
    }

    /** Variables are replaced in values that were read already: what comes out of one is text, whatever it looks like. */
    private static @Nullable Object withDefaults(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> replaced = new LinkedHashMap<>();
                map.forEach((key, each) -> replaced.put(key, withDefaults(each)));
                yield replaced;
            }
            case List<?> list -> list.stream().map(ComposeReader::withDefaults).toList();
            case String text -> VARIABLE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(found.group(2)));
            case null, default -> value;
        };
    }
}
