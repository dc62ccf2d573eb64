{
  "includes": ["native/sources.gypi"],
  "variables": {"openmp%": "<!(node native/openmp.mjs)"},
  "targets": [
    {
      "target_name": "convforge",
      "sources": ["<!@(node native/units.mjs <@(convforge_core_sources) <@(convforge_addon_sources))"],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        # A worker can be terminated while a result is on its way to it.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags!": ["-fno-exceptions", "-O2"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20", "-O2"],
      "cflags_cc": [
        "-std=c++20",
        "-O3",
        "-fexceptions",
        "-frtti",
        "-ffp-contract=off",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra"
      ],
      "configurations": {
        # Behind -O3, so that it counts.
        "Debug": {"cflags_cc": ["-O0"]}
      },
      "conditions": [
        [
          "OS=='linux'",
          {
            "ldflags": [
              # When the last worker that loaded the addon ends, it must not be unmapped under its threads.
              "-Wl,-z,nodelete",
              "-Wl,--version-script=<(module_root_dir)/native/exports.map"
            ]
          }
        ],
        ["OS=='linux' and openmp==1", {"cflags_cc": ["-fopenmp"], "ldflags": ["-fopenmp"]}],
        [
          "OS=='mac'",
          {
            "xcode_settings": {
              "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
              "GCC_ENABLE_CPP_RTTI": "YES",
              "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
              "GCC_OPTIMIZATION_LEVEL": "3",
              "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
              "MACOSX_DEPLOYMENT_TARGET": "11.0",
              "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off"]
            }
          }
        ]
      ]
    }
  ]
}
