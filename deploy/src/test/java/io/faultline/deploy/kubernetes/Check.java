// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import java.util.List;

/** Something that must hold among the objects of one deployment. */
interface Check {
    /** What does not hold, a sentence each that begins with the object's name; empty when all is well. */
    List<String> violations(Manifests manifests);
}
