using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class SearchTextsTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "%", true)]
    [InlineData("", "_", false)]
    [InlineData("abc", "abc", true)]
    [InlineData("abc", "ABC", false)]
    [InlineData("abc", "a%", true)]
    [InlineData("abc", "%c", true)]
    [InlineData("abc", "%b%", true)]
    [InlineData("abc", "a_c", true)]
    [InlineData("abc", "a_", false)]
    [InlineData("abc", "%%", true)]
    [InlineData("aab", "%ab", true)]
    [InlineData("mississippi", "%iss%ip%", true)]
    [InlineData("mississippi", "%iss%ipx%", false)]
    [InlineData("a\\b", "a\\b", true)]
    [InlineData("a%b", "a\\%b", false)]
    [InlineData("a𝒳b", "a_b", true)]
    [InlineData("a𝒳b", "a__b", false)]
    [InlineData("a\nb", "a_b", true)]
    public void IsLike_Pattern_Fits(string text, string pattern, bool expected) => Assert.Equal(expected, SearchTexts.IsLike(text, pattern, ignoreCase: false));

    [Theory]
    [InlineData("ABC", "a%", true)]
    [InlineData("ÄBC", "ä%", false)]
    [InlineData("[", "{", false)]
    [InlineData("@", "`", false)]
    public void IsLike_IgnoringCase_KnowsTheLettersOfAscii(string text, string pattern, bool expected) => Assert.Equal(expected, SearchTexts.IsLike(text, pattern, ignoreCase: true));

    [Fact]
    public void IsLike_ManyWildcards_TakesNoExponentialTime()
        => Assert.False(SearchTexts.IsLike(new string('a', 5000), string.Concat(Enumerable.Repeat("%a", 500)) + "b", ignoreCase: false));

    [Fact]
    public void Compare_AnyTexts_IsTheOrderOfTheirBytes()
    {
        var texts = Gen.Elements("a", "b", "\uffee", "\ue000", "𝒳", "😀", "\ud7ff", "").ListOf().Select(parts => string.Concat(parts));
        Prop.ForAll(texts.ToArbitrary(), texts.ToArbitrary(), (left, right) =>
            Math.Sign(SearchTexts.Compare(left, right)) == Math.Sign(Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    // Attributes cannot hold half a pair.
    [Fact]
    public void IndexOfForbidden_Text_FindsTheFirst()
    {
        Assert.Equal(-1, SearchTexts.IndexOfForbidden("abc 😀"));
        Assert.Equal(1, SearchTexts.IndexOfForbidden("a\0"));
        Assert.Equal(0, SearchTexts.IndexOfForbidden("\ud800"));
        Assert.Equal(1, SearchTexts.IndexOfForbidden("a\udc00b"));
        Assert.Equal(0, SearchTexts.IndexOfForbidden("\ud800\ud800\udc00"));
    }
}
