using System.Collections.Frozen;

namespace SoupsActors.Models.Files;

/// <summary>
/// Element types of the safetensors format, by the names used in the file. Only <see cref="F32"/>, <see cref="F16"/>
/// and
/// <see cref="BF16"/> can be read as weights; the others can be listed.
/// </summary>
public enum SafetensorsType
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>IEEE 754 binary16.</summary>
    F16,

    /// <summary>The upper 16 bits of a binary32.</summary>
    BF16,

    /// <summary>IEEE 754 binary64.</summary>
    F64,

    /// <summary>One byte a truth value.</summary>
    Bool,

    /// <summary>Unsigned integer of 8 bits.</summary>
    U8,

    /// <summary>Signed integer of 8 bits.</summary>
    I8,

    /// <summary>Unsigned integer of 16 bits.</summary>
    U16,

    /// <summary>Signed integer of 16 bits.</summary>
    I16,

    /// <summary>Unsigned integer of 32 bits.</summary>
    U32,

    /// <summary>Signed integer of 32 bits.</summary>
    I32,

    /// <summary>Unsigned integer of 64 bits.</summary>
    U64,

    /// <summary>Signed integer of 64 bits.</summary>
    I64,

    /// <summary>Complex number of two binary32.</summary>
    C64,

    /// <summary>8-bit float, 5 exponent bits.</summary>
    F8E5M2,

    /// <summary>8-bit float, 4 exponent bits.</summary>
    F8E4M3,

    /// <summary>8-bit power of two.</summary>
    F8E8M0,

    /// <summary>8-bit float, 5 exponent bits, one zero.</summary>
    F8E5M2Fnuz,

    /// <summary>8-bit float, 4 exponent bits, one zero.</summary>
    F8E4M3Fnuz,

    /// <summary>4-bit float; a tensor must fill whole bytes.</summary>
    F4,

    /// <summary>6-bit float, 2 exponent bits; a tensor must fill whole bytes.</summary>
    F6E2M3,

    /// <summary>6-bit float, 3 exponent bits; a tensor must fill whole bytes.</summary>
    F6E3M2,
}

/// <summary>Names and sizes of the element types.</summary>
internal static class SafetensorsTypes
{
    private static readonly FrozenDictionary<string, SafetensorsType> ByName = new Dictionary<string, SafetensorsType>
    {
        ["F32"] = SafetensorsType.F32,
        ["F16"] = SafetensorsType.F16,
        ["BF16"] = SafetensorsType.BF16,
        ["F64"] = SafetensorsType.F64,
        ["BOOL"] = SafetensorsType.Bool,
        ["U8"] = SafetensorsType.U8,
        ["I8"] = SafetensorsType.I8,
        ["U16"] = SafetensorsType.U16,
        ["I16"] = SafetensorsType.I16,
        ["U32"] = SafetensorsType.U32,
        ["I32"] = SafetensorsType.I32,
        ["U64"] = SafetensorsType.U64,
        ["I64"] = SafetensorsType.I64,
        ["C64"] = SafetensorsType.C64,
        ["F8_E5M2"] = SafetensorsType.F8E5M2,
        ["F8_E4M3"] = SafetensorsType.F8E4M3,
        ["F8_E8M0"] = SafetensorsType.F8E8M0,
        ["F8_E5M2FNUZ"] = SafetensorsType.F8E5M2Fnuz,
        ["F8_E4M3FNUZ"] = SafetensorsType.F8E4M3Fnuz,
        ["F4"] = SafetensorsType.F4,
        ["F6_E2M3"] = SafetensorsType.F6E2M3,
        ["F6_E3M2"] = SafetensorsType.F6E3M2,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<SafetensorsType, string> Names =
        ByName.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    public static bool TryParse(string name, out SafetensorsType type) => ByName.TryGetValue(name, out type);

    /// <summary>The type's name in a file.</summary>
    public static string FileName(this SafetensorsType type) => Names[type];

    /// <summary>Bits per element.</summary>
    public static int Bits(this SafetensorsType type) => type switch
    {
        SafetensorsType.F4 => 4,
        SafetensorsType.F6E2M3 or SafetensorsType.F6E3M2 => 6,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.U16 or SafetensorsType.I16 => 16,
        SafetensorsType.F32 or SafetensorsType.U32 or SafetensorsType.I32 => 32,
        SafetensorsType.F64 or SafetensorsType.U64 or SafetensorsType.I64 or SafetensorsType.C64 => 64,
        _ => 8,
    };

    /// <summary>Whether weights may be stored so.</summary>
    public static bool IsWeight(this SafetensorsType type) =>
        type is SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16;
}
