namespace Quickstart;

/// <summary>What the program prints.</summary>
internal static class Show
{
    public static void Step(int number, string title) => Console.WriteLine($"\n[{number}/6] {title}");

    public static void Line(string text) => Console.WriteLine($"      {text.ReplaceLineEndings("\n      ")}");

    public static int Failure(string text)
    {
        Console.Error.WriteLine(text);
        return 1;
    }
}
