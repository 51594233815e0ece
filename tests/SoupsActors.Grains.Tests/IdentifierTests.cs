namespace SoupsActors.Grains.Tests;

public sealed class IdentifierTests
{
    public static TheoryData<string?> WrongUsers => new(
        null, "", " ", "a\nb", "\0", "tab\there", "\u0085", "\u009f", new string('x', 257));

    [Theory]
    [InlineData("alice")]
    [InlineData("ünï/çødé?#%")]
    [InlineData("名前 with spaces")]
    [InlineData("🍲")]
    public void user_ids_may_be_any_text(string id) => Assert.Equal(id, Identifiers.RequireUser(id));

    [Theory]
    [MemberData(nameof(WrongUsers))]
    public void control_characters_and_long_texts_are_no_user_ids(string? id) =>
        Assert.Equal("invalid_user", Assert.Throws<SoupsException>(() => Identifiers.RequireUser(id)).Code);

    // Not theory data, for test runners replace what is no Unicode.
    [Fact]
    public void broken_unicode_is_no_user_id()
    {
        foreach (var id in (string[])["lone \ud83c", "\udf00 turned", "\ud83c\ud83c\udf00"])
            Assert.Throws<SoupsException>(() => Identifiers.RequireUser(id));
    }

    [Fact]
    public void the_longest_user_id_is_allowed() => Identifiers.RequireUser(new string('x', 256));

    [Theory]
    [InlineData("P1A", true)]
    [InlineData("0.a_b-c", true)]
    [InlineData("", false)]
    [InlineData(".a", false)]
    [InlineData("-a", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    [InlineData("é", false)]
    public void expert_ids_are_plain_names(string id, bool good) => Assert.Equal(good, Identifiers.IsExpert(id));

    [Fact]
    public void expert_ids_end_at_64_characters()
    {
        Assert.True(Identifiers.IsExpert(new string('a', 64)));
        Assert.False(Identifiers.IsExpert(new string('a', 65)));
    }
}
