/*
 * match_re2.cc - what RE2 says of the lines of match_tool.c
 *
 * SPDX-License-Identifier: PostgreSQL
 *
 * The same cases and answers; RE2's memory is raised, so that it is not too
 * big before a pattern of ours.
 */
#include <re2/re2.h>

#include <iostream>
#include <string>

static std::string unhex(const std::string &hex)
{
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return out;
}

int main()
{
    RE2::Options options;
    std::string line;

    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    while (std::getline(std::cin, line)) {
        size_t space = line.find(' ');
        RE2 re(unhex(line.substr(0, space)), options);
        if (!re.ok()) {
            bool big = re.error_code() == RE2::ErrorPatternTooLarge;
            std::cout << (big ? "T\n" : "E\n");
        } else {
            bool found = RE2::PartialMatch(unhex(line.substr(space + 1)), re);
            std::cout << (found ? "1\n" : "0\n");
        }
    }
    return 0;
}
