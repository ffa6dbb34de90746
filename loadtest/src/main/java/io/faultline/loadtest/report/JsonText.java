// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Iterator;
import java.util.Map;

/** JSON with a line for each member of an object, and one line for an array that has no objects in it. */
final class JsonText {
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    /** The text of a value; the last line is not ended. */
    static String of(JsonElement value) {
        JsonText json = new JsonText();
        json.append(value, "\n");
        return json.text.toString();
    }

    private void append(JsonElement value, String lineBreak) {
        if (value instanceof JsonObject object && !object.isEmpty()) {
            append(object, lineBreak);
        } else if (value instanceof JsonArray array && hasObjects(array)) {
            append(array, lineBreak);
        } else {
            text.append(GSON.toJson(value));
        }
    }

    private void append(JsonObject object, String lineBreak) {
        String inner = lineBreak + "  ";
        text.append('{');
        Iterator<Map.Entry<String, JsonElement>> members = object.entrySet().iterator();
        while (members.hasNext()) {
            Map.Entry<String, JsonElement> member = members.next();
            text.append(inner).append(GSON.toJson(member.getKey())).append(": ");
            append(member.getValue(), inner);
            text.append(members.hasNext() ? "," : "");
        }
        text.append(lineBreak).append('}');
    }

    private void append(JsonArray array, String lineBreak) {
        String inner = lineBreak + "  ";
        text.append('[');
        for (int i = 0; i < array.size(); i++) {
            text.append(i == 0 ? "" : ",").append(inner);
            append(array.get(i), inner);
        }
        text.append(lineBreak).append(']');
    }

    private static boolean hasObjects(JsonArray array) {
        for (JsonElement element : array) {
            if (element.isJsonObject()) {
                return true;
            }
        }
        return false;
    }
}
