namespace Mlops.Core.Tests;

public sealed class ShortTextTests
{
    [Theory]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("abcde", 4, "abcd…")]
    [InlineData("abc😀e", 4, "abc…")]
    [InlineData("ab😀de", 4, "ab😀…")]
    public void Of_LongText_IsCutBetweenCharacters(string text, int length, string expected) => Assert.Equal(expected, ShortText.Of(text, length));
}
