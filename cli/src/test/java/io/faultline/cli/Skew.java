// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.util.List;

/** What a message looks like that another release wrote. Stateless. */
enum Skew {
    /** A release that knows less: what is new is not there. */
    OLDER {
        @Override
        UnknownFieldSet unknown() {
            return UnknownFieldSet.getDefaultInstance();
        }
    },
    /** A release that knows more: each message has fields of each wire type that nobody here knows. */
    NEWER {
        @Override
        UnknownFieldSet unknown() {
            return NEWS;
        }
    };

    private static final int FIRST_NEW_FIELD = 1_900;
    private static final UnknownFieldSet NEWS = UnknownFieldSet.newBuilder()
            .addField(FIRST_NEW_FIELD, field().addVarint(-1).build())
            .addField(FIRST_NEW_FIELD + 1, field().addFixed32(-1).build())
            .addField(FIRST_NEW_FIELD + 2, field().addFixed64(-1).build())
            .addField(
                    FIRST_NEW_FIELD + 3,
                    field().addLengthDelimited(ByteString.copyFromUtf8("of a later release"))
                            .build())
            .build();

    /** What is in each message that its reader does not know. */
    abstract UnknownFieldSet unknown();

    /** A message as that release would have written it, and all messages in it. */
    Message of(Message message) {
        DynamicMessage.Builder skewed =
                DynamicMessage.newBuilder(message.getDescriptorForType()).setUnknownFields(unknown());
        message.getAllFields().forEach((field, value) -> {
            if (!field.isRepeated()) {
                skewed.setField(field, value(field, value));
            } else {
                ((List<?>) value).forEach(one -> skewed.addRepeatedField(field, value(field, one)));
            }
        });
        return skewed.build();
    }

    private Object value(FieldDescriptor field, Object value) {
        if (value instanceof Message message) {
            return of(message);
        }
        // An enum's value that has no name there is treated as the one that says nothing.
        return value instanceof EnumValueDescriptor constant && constant.getIndex() < 0
                ? field.getEnumType().findValueByNumber(0)
                : value;
    }

    private static UnknownFieldSet.Field.Builder field() {
        return UnknownFieldSet.Field.newBuilder();
    }
}
