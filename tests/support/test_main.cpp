// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
#define BOOST_TEST_MODULE cpg
#include <boost/test/unit_test.hpp>
