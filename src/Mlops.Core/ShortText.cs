namespace Mlops;

/// <summary>Shortens texts for messages and pictures.</summary>
internal static class ShortText
{
    /// <summary>Cuts what is longer than a number of characters, never between the two halves of one, and writes … in its place.</summary>
    public static string Of(string text, int length)
        => text.Length <= length ? text : $"{text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)]}…";
}
