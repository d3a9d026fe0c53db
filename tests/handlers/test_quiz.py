"""Quiz: one question, a round, several answers, what comes again."""

from tests.play import Person, Time


def shown(person: Person) -> str:
    """The id of the question that is on the screen."""
    stem = person.last[-1].text.splitlines()[-1]
    return next(key for key, question in person.dispatch.house.library.questions.items() if question.zh.stem == stem)


async def answer(person: Person, right: bool) -> str:
    """Answer what is asked, rightly or wrongly, by typing letters."""
    question = person.dispatch.house.library.questions[shown(person)]
    indexes = set(question.right)
    if not right:
        indexes = {next(index for index in range(len(question.zh.options)) if index not in indexes)}
        if question.kind == "multiple":
            indexes = set(question.right) - {question.right[0]}
    await person.say("".join("ABCDEF"[index] for index in sorted(indexes)))
    if question.kind == "multiple" and len(indexes) == 1:
        await person.tap("选好了")
    return person.words


async def test_one_question_is_explained_at_once_with_its_source(person: Person) -> None:
    await person.say("/quiz one")
    question = person.dispatch.house.library.questions[shown(person)]
    words = await answer(person, right=True)
    assert words.startswith("对。") and question.zh.why in words
    assert not question.source or "依据" in words
    assert "积分 +2" in words


async def test_a_wrong_answer_says_when_it_comes_again_and_does(person: Person, time: Time) -> None:
    await person.say("/quiz topic:dogs")
    missed = shown(person)
    words = await answer(person, right=False)
    assert "差一点" in words and "明天再来一次" in words
    await person.say("取消")
    time.passes(days=1)
    await person.say("/quiz topic:dogs")
    assert shown(person) == missed


async def test_a_round_of_five_ends_with_the_score(person: Person) -> None:
    await person.say("答题")
    await person.tap("一轮五题")
    met = set()
    for number in range(5):
        assert f"{number + 1}/5" in person.words
        met.add(shown(person))
        await answer(person, right=number != 2)
    assert len(met) == 5
    assert "这一轮 5 题，答对 4 题" in person.words


async def test_several_answers_are_picked_by_tapping_and_confirmed(person: Person) -> None:
    library = person.dispatch.house.library
    question = next(item for item in library.questions.values() if item.kind == "multiple")
    tip = next((tip.id for tip in library.tips.values() if tip.question == question.id), None)
    person_at = f"/quiz tip:{tip}" if tip else f"/quiz topic:{question.topic}"
    await person.say(person_at)
    for _ in range(12):
        if shown(person) == question.id:
            break
        await answer(person, right=True)
        if "这一轮" in person.words or "/5" not in person.words:
            await person.say(f"/quiz topic:{question.topic}")
    assert shown(person) == question.id
    assert person.last[-1].several
    for index in question.right:
        await person.tap(f"{'ABCD'[index]}.")
    assert sum(label.startswith("✓") for label in person.labels) == len(question.right)
    assert "对。" in await person.tap("选好了")


async def test_what_is_no_answer_keeps_the_question_open(person: Person) -> None:
    await person.say("/quiz one")
    asked = shown(person)
    assert "回字母就行" in await person.say("我不知道哇")
    question = person.dispatch.house.library.questions[asked]
    words = await person.tap(person.labels[question.right[0]])
    assert question.kind == "multiple" or words.startswith("对。")


async def test_full_width_and_chinese_numbers_choose_too(person: Person) -> None:
    for typed in ("１", "一", "①", "Ａ"):
        await person.say("/quiz topic:fire")
        while person.dispatch.house.library.questions[shown(person)].kind == "multiple":
            await answer(person, right=True)
        words = await person.say(typed)
        assert words.startswith(("对。", "差一点。")), (typed, words)
        await person.say("取消")


async def test_an_old_button_asks_the_present_question_again(person: Person) -> None:
    await person.say("/quiz five")
    old = person.options[0].value
    await answer(person, right=True)
    now = shown(person)
    await person.send(choice=old)
    assert "前面一步" in person.words and shown(person) == now
