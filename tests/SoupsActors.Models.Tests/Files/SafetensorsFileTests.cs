using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SoupsActors.Models.Files;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests.Files;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string FilePath => folder["a.safetensors"];

    [Fact]
    public void Random_valid_files_round_trip()
    {
        var tensor =
            from shape in Gen.Choose(0, 5).Select(n => (long)n).ListOf().Where(s => s.Count <= 4)
            from type in Gen.Elements(SafetensorsType.F32, SafetensorsType.F16, SafetensorsType.BF16)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Shape: shape.ToArray(), Type: type, Seed: seed);
        Prop.ForAll(
            tensor.ListOf().Where(l => l.Count < 8).ToArbitrary(),
            Gen.Elements("", "format", "a \"quoted\" \u00e9 key \ud83d\ude00").ToArbitrary(),
            (specs, key) =>
            {
                var written = specs.Select(
                    (s, i) => (Name: $"t{i}.\u00fc\"", s.Shape, s.Type, Values: Exact(s.Shape, s.Type, s.Seed)))
                    .ToArray();
                var metadata = key.Length == 0 ? null : new Dictionary<string, string> { [key] = key };
                SafetensorsWriter.Write(
                    FilePath, written.Select(t => new TensorToWrite(t.Name, t.Shape, t.Values, t.Type)), metadata);
                using var file = SafetensorsFile.Open(FilePath);
                Assert.Equal(written.Length, file.Tensors.Count);
                Assert.Equal(metadata?.Count ?? 0, file.Metadata.Count);
                Assert.True(key.Length == 0 || file.Metadata[key] == key);
                foreach (var t in written)
                {
                    Assert.True(file.TryGetTensor(t.Name, out var found));
                    Assert.Equal(t.Shape, found.Shape);
                    Assert.Equal(t.Type, found.Type);
                    Assert.Equal(t.Values, file.ReadFloat32(t.Name));
                    Assert.Equal(0, found.Begin % (t.Type.Bits() / 8));
                }
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Random_damage_never_ends_in_anything_but_a_format_error()
    {
        SafetensorsWriter.Write(
            FilePath,
            [
                new("alpha", [2, 3], new float[6]),
                new("beta", [], new float[1], SafetensorsType.F16),
                new("gamma", [0, 7], Array.Empty<float>(), SafetensorsType.BF16),
            ],
            new Dictionary<string, string> { ["format"] = "pt" });
        var good = File.ReadAllBytes(FilePath);
        var damage =
            from position in Gen.Choose(0, good.Length - 1)
            from value in Gen.Choose(0, 255)
            select (position, (byte)value);
        Prop.ForAll(
            damage.NonEmptyListOf().ToArbitrary(),
            Gen.Choose(0, good.Length).ToArbitrary(),
            (changes, cut) =>
            {
                var bytes = good.ToArray();
                foreach (var (position, value) in changes)
                    bytes[position] = value;
                File.WriteAllBytes(FilePath, cut % 3 == 0 ? bytes[..cut] : bytes);
                try
                {
                    using var file = SafetensorsFile.Open(FilePath);
                    foreach (var tensor in file.Tensors)
                        _ = file.ReadFloat32(tensor.Name);
                }
                catch (ModelFormatException)
                {
                    // The one way out that damage may take.
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void The_same_tensors_in_another_order_give_the_same_bytes()
    {
        TensorToWrite[] tensors =
        [
            new("b", [2], new[] { 1f, 2 }),
            new("a", [1], new[] { 3f }),
            new("h", [1], new[] { 4f }, SafetensorsType.F16),
        ];
        SafetensorsWriter.Write(FilePath, tensors);
        var first = File.ReadAllBytes(FilePath);
        SafetensorsWriter.Write(FilePath, tensors.Reverse());
        Assert.Equal(first, File.ReadAllBytes(FilePath));
        Assert.Equal(0ul, BinaryPrimitives.ReadUInt64LittleEndian(first) % 8);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_other()
    {
        SafetensorsWriter.Write(FilePath, [new("a", [1], new[] { 1f })]);
        var old = File.ReadAllBytes(FilePath);
        Assert.Throws<InvalidDataException>(() => SafetensorsWriter.Write(
            FilePath, [new("a", [1], new[] { 2f }), new("b", [1], () => throw new InvalidDataException())]));
        Assert.Equal(old, File.ReadAllBytes(FilePath));
        Assert.Equal([FilePath], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_replaced_while_open_still_reads_as_it_was_opened()
    {
        SafetensorsWriter.Write(FilePath, [new("a", [3], new[] { 1f, 2, 3 })]);
        using var file = SafetensorsFile.Open(FilePath);
        SafetensorsWriter.Write(FilePath, [new("a", [1], new[] { 9f })]);
        Assert.Equal([1f, 2, 3], file.ReadFloat32("a"));
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(FilePath, [new("a", [1], new float[2])]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(FilePath, [new("__metadata__", [1], new float[1])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(FilePath, [new("a", [-1], new float[1])]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(FilePath, [new("a", [1], new float[1]), new("a", [1], new float[1])]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(FilePath, [new("a", [1], new float[1], SafetensorsType.F64)]));
        var error = Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(FilePath, [new("a", [1], new[] { 70000f }, SafetensorsType.F16)]));
        Assert.Contains("BF16", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void An_integer_tensor_is_listed_but_not_read_as_weights()
    {
        WriteRaw("""{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(SafetensorsType.I64, Assert.Single(file.Tensors).Type);
        var error = Assert.Throws<ModelFormatException>(() => file.ReadFloat32("ids"));
        Assert.Contains("'ids' as I64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unaligned_tensor_reads_right()
    {
        var data = new byte[5];
        BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(1), 1.5f);
        WriteRaw(
            """
            {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}
            """,
            data);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([1.5f], file.ReadFloat32("b"));
    }

    [Fact]
    public void Every_binary16_and_bfloat16_value_widens_exactly()
    {
        var bits = new byte[65536 * 2];
        for (var i = 0; i < 65536; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(bits.AsSpan(i * 2), (ushort)i);
        foreach (var type in new[] { "F16", "BF16" })
        {
            WriteRaw("{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[65536],\"data_offsets\":[0,131072]}}", bits);
            using var file = SafetensorsFile.Open(FilePath);
            var read = file.ReadFloat32("a");
            for (var i = 0; i < 65536; i++)
            {
                var expected = type == "F16"
                    ? (float)BitConverter.UInt16BitsToHalf((ushort)i)
                    : BitConverter.UInt32BitsToSingle((uint)i << 16);
                Assert.True(expected.Equals(read[i]), $"{type} {i:x4}");
            }
        }
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(-0f, 0x8000)]
    [InlineData(1.00390625f, 0x3F80)] // halfway, even below
    [InlineData(1.01171875f, 0x3F82)] // halfway, even above
    [InlineData(3.4e38f, 0x7F80)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    [InlineData(float.NaN, 0xFFC0)]
    public void Bfloat16_rounds_to_nearest_even(float value, int bits) =>
        Assert.Equal(bits, FloatConversion.ToBFloat16(value));

    [Fact]
    public void A_missing_name_and_a_wrong_destination_are_errors()
    {
        SafetensorsWriter.Write(FilePath, [new("a", [2], new float[2])]);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Throws<KeyNotFoundException>(() => file.ReadFloat32("b"));
        Assert.Throws<ArgumentException>(() => file.ReadFloat32("a", new float[3]));
    }

    [Fact]
    public void Reading_after_dispose_is_an_error_not_a_crash()
    {
        SafetensorsWriter.Write(FilePath, [new("a", [2], new float[2])]);
        var file = SafetensorsFile.Open(FilePath);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadFloat32("a"));
    }

    [Fact]
    public void A_real_model_opens()
    {
        using var file = SafetensorsFile.Open(SharedData.Require("data/tinystories-656k/model.safetensors"));
        Assert.True(file.TryGetTensor("lm_head.weight", out var head));
        Assert.Equal([2048L, 128], head.Shape);
        Assert.All(file.ReadFloat32("lm_head.weight"), value => Assert.True(float.IsFinite(value)));
    }

    // Values that every type stores exactly, so that a round trip is bit-equal.
    private static float[] Exact(long[] shape, SafetensorsType type, int seed)
    {
        var random = new Random(seed);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        foreach (ref var value in values.AsSpan())
        {
            value = type switch
            {
                SafetensorsType.F16 => (float)(Half)(random.NextSingle() - 0.5f),
                SafetensorsType.BF16 => BitConverter.UInt32BitsToSingle(
                    (uint)FloatConversion.ToBFloat16(random.NextSingle() - 0.5f) << 16),
                _ => random.NextSingle() - 0.5f,
            };
        }

        return values;
    }

    private void WriteRaw(string json, byte[] data)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, Encoding.UTF8.GetByteCount(json));
        File.WriteAllBytes(FilePath, [.. prefix, .. Encoding.UTF8.GetBytes(json), .. data]);
    }
}
