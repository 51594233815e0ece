using System.Buffers.Binary;
using System.Text;
using SoupsActors.Models.Files;

namespace SoupsActors.Models.Tests.Files;

/// <summary>Hostile and damaged files, each by the name of what it tries.</summary>
public sealed class SafetensorsAttackTests : IDisposable
{
    private const string OneFloat = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, int, string> BadHeaders => new()
    {
        { "not an object", """ {"a":1}""", 0, "does not start with '{'" },
        { "array", "[]", 0, "does not start with '{'" },
        { "cut JSON", """{"a":{"dtype":""", 0, "not valid JSON" },
        { "text after the object", OneFloat + "x", 4, "not valid JSON" },
        { "second object", OneFloat + "{}", 4, "not valid JSON" },
        { "NUL padding", OneFloat + "\0\0", 4, "not valid JSON" },
        { "lone surrogate", """{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON" },
        { "deep nesting", """{"a":""" + new string('[', 5000) + new string(']', 5000) + "}", 0, "not an object" },
        { "deep shape", """{"a":{"dtype":"F32","shape":[[[[1]]]],"data_offsets":[0,4]}}""", 4, "not valid JSON" },
        { "nested metadata", """{"__metadata__":{"k":{"x":"y"}}}""", 0, "not a text" },
        { "metadata number", """{"__metadata__":{"k":1}}""", 0, "not a text" },
        { "metadata array", """{"__metadata__":["k"]}""", 0, "not an object of texts" },
        { "metadata twice", """{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__ twice" },
        { "metadata key twice", """{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__.k twice" },
        { "tensor is a number", """{"a":3}""", 0, "not an object" },
        { "tensor is null", """{"a":null}""", 0, "not an object" },
        { "no dtype", """{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "does not give tensor 'a'" },
        { "no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "does not give tensor 'a'" },
        { "no offsets", """{"a":{"dtype":"F32","shape":[1]}}""", 4, "does not give tensor 'a'" },
        { "one offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}""", 4, "two data_offsets" },
        { "three offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "two data_offsets" },
        { "key twice", """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "there twice" },
        { "unknown key", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"file":"x"}}""", 4, "'file'" },
        { "unknown dtype", """{"a":{"dtype":"F12","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown dtype" },
        { "dtype is a number", """{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4, "not a text" },
        { "half a byte", """{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}""", 2, "whole bytes" },
        { "negative shape", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "integers from 0" },
        { "fraction", """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "integers from 0" },
        {
            "beyond 64 bits",
            """{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "integers"
        },
        { "negative offset", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 0, "integers from 0" },
        { "offset as text", """{"a":{"dtype":"F32","shape":[1],"data_offsets":["0",4]}}""", 4, "integers from 0" },
        { "backwards", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "backwards" },
        {
            "product overflows to zero",
            """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "63 bits"
        },
        {
            "product times width overflows",
            """{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""",
            0, "needs 18446744073709551616"
        },
        { "too few bytes", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8" },
        { "span too long", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 8, "needs 4" },
        { "truncated data", OneFloat, 3, "cut off" },
        { "bytes left over", OneFloat, 5, "no tensor owns" },
        { "offset beyond the file", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4096,4100]}}""", 4, "hole" },
        { "hole at the start", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "hole" },
        {
            "overlap",
            """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
            """, 8, "overlaps"
        },
        {
            "the same bytes twice",
            """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}
            """, 4, "overlaps"
        },
        {
            "name twice",
            """
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
             "\u0061":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}
            """, 4, "'a' twice"
        },
        { "hole before an empty tensor", """{"a":{"dtype":"F32","shape":[0],"data_offsets":[2,2]}}""", 4, "hole" },
        {
            "33 dimensions",
            """{"a":{"dtype":"U8","shape":[1""" + string.Concat(Enumerable.Repeat(",1", 32))
                + """],"data_offsets":[0,1]}}""",
            1, "more than 32"
        },
    };

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void A_bad_header_is_refused(string attack, string json, int dataBytes, string expected)
    {
        Assert.NotEmpty(attack);
        var path = Write(Encoding.UTF8.GetBytes(json), dataBytes);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0ul, "shortest header")]
    [InlineData(1ul, "shortest header")]
    [InlineData(1_000ul, "cut off")]
    [InlineData(100_000_001ul, "allowed")]
    [InlineData(ulong.MaxValue, "allowed")]
    [InlineData(ulong.MaxValue - 7, "allowed")]
    [InlineData(1ul << 63, "allowed")]
    public void A_false_length_prefix_is_refused(ulong length, string expected)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        "{}"u8.CopyTo(bytes.AsSpan(8));
        File.WriteAllBytes(folder["a.safetensors"], bytes);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(folder["a.safetensors"]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_its_prefix_is_refused(int bytes)
    {
        File.WriteAllBytes(folder["a.safetensors"], new byte[bytes]);
        var error = Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(folder["a.safetensors"]));
        Assert.Contains("too short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_utf8_is_refused()
    {
        var error = Assert.Throws<ModelFormatException>(
            () => SafetensorsFile.Open(Write([(byte)'{', 0xC0, 0x80, (byte)'}'], 0)));
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_file_is_closed_again()
    {
        var path = Write("[]"u8.ToArray(), 0);
        Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path));
        using var exclusive = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(10, exclusive.Length);
    }

    [Fact]
    public void A_million_tiny_tensors_are_listed()
    {
        const int Count = 1_000_000;
        var json = new StringBuilder("{", Count * 64);
        for (var i = 0; i < Count; i++)
        {
            json.Append(i == 0 ? "" : ",").Append('"').Append(i).Append(
                "\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[")
                .Append(i).Append(',').Append(i + 1).Append("]}");
        }

        using var file = SafetensorsFile.Open(Write(Encoding.UTF8.GetBytes(json.Append('}').ToString()), Count));
        Assert.Equal(Count, file.Tensors.Count);
    }

    private string Write(byte[] json, int dataBytes)
    {
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        File.WriteAllBytes(folder["a.safetensors"], bytes);
        return folder["a.safetensors"];
    }
}
